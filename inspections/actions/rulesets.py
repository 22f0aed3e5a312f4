"""Rulesets: drafted from the one in force, looked at, published for a day ahead, then frozen."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from inspections import permissions, policies, rules
from inspections.models import Band, GridCell, Ruleset
from inspections.states import VersionState
from registry.accounts.models import User
from registry.audit.actions import record as record_event
from registry.core.errors import Refused
from registry.models import FacilityType


@transaction.atomic
def add(*, definition: Mapping[str, Any], by: User | None, at: datetime) -> tuple[Ruleset, bool]:
    """Publish a version as a file defines it, in force from its day; returns it and whether it is new.

    The version before it ends on the day before. Raises NotPermitted, or Refused where it is not whole or the same
    number is already published with other contents.
    """
    permissions.check_may_keep_rulebooks(by)
    fields = {name: value for name, value in definition.items() if name not in ("band", "cell")}
    bands = sorted((Band(**band) for band in definition["band"]), key=lambda band: band.from_percent)
    cells = [GridCell(**cell) for cell in definition.get("cell", ())]
    known = Ruleset.objects.filter(code=fields["code"], number=fields["number"]).first()
    if known is not None:
        given = {name: value for name, value in fields.items() if name not in ("code", "number")}
        parts = {"band": _said(bands, rules.BAND_FIELDS), "cell": _said(cells, rules.CELL_FIELDS)}
        stored = rules.contents(known)
        if any(rules.plain(stored[name]) != rules.plain(value) for name, value in (given | parts).items()):
            raise Refused(
                _("“%(name)s” is published with other contents; give the new one the next number.") % {"name": known},
                code="published_differently",
            )
        return known, False
    ruleset = Ruleset(**fields)
    _write(ruleset, bands, cells)
    return _publish(ruleset, by=by, at=at), True


@transaction.atomic
def draft(*, like: Ruleset, by: User | None, at: datetime) -> Ruleset:
    """The next version of a ruleset is begun, with what `like` says, for the first day of the next month.

    Raises NotPermitted, or Refused where there is a draft already.
    """
    permissions.check_may_draft(by)
    versions = list(Ruleset.objects.select_for_update().filter(code=like.code).order_by("number"))
    policies.check_has_no_draft(like.code)
    said = rules.contents(like)
    bands, cells = said.pop("band"), said.pop("cell")
    said["valid_from"] = (timezone.localdate(at).replace(day=1) + timedelta(days=31)).replace(day=1)
    ruleset = Ruleset(code=like.code, number=versions[-1].number + 1, **said)
    _write(ruleset, [Band(**band) for band in bands], [GridCell(**cell) for cell in cells])
    facts = {"code": ruleset.code, "number": ruleset.number, "like": like.number}
    record_event(verb="ruleset.drafted", subject=ruleset, by=by, at=at, facts=facts)
    return ruleset


@transaction.atomic
def change(
    *,
    ruleset: Ruleset,
    facts: rules.Contents,
    bands: Sequence[Band],
    cells: Sequence[GridCell],
    seen: str,
    by: User | None,
    at: datetime,
) -> Ruleset:
    """A draft says this from now on; `seen` is the edition that the person began from (`rules.ruleset_edition`).

    Raises NotPermitted, or Refused where it is no draft, somebody changed it meanwhile, or it would not be whole.
    """
    permissions.check_may_draft(by)
    ruleset = _lock(ruleset)
    policies.check_is_unaltered(ruleset, seen, rules.ruleset_edition(ruleset))
    before = rules.plain(rules.contents(ruleset))
    for name, value in facts.items():
        setattr(ruleset, name, value)
    ruleset.bands.all().delete()
    ruleset.grid.all().delete()
    _write(ruleset, bands, cells)
    after = rules.plain(rules.contents(ruleset))
    changes = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
    if changes:
        record_event(verb="ruleset.changed", subject=ruleset, by=by, at=at, facts=changes)
    return ruleset


@transaction.atomic
def discard(*, ruleset: Ruleset, by: User | None, at: datetime) -> None:
    """A draft is thrown away. Raises NotPermitted, or Refused where it is no draft."""
    permissions.check_may_draft(by)
    ruleset = _lock(ruleset)
    facts = {"code": ruleset.code, "number": ruleset.number}
    record_event(verb="ruleset.discarded", subject=ruleset, by=by, at=at, facts=facts)
    ruleset.delete()


@transaction.atomic
def publish(*, ruleset: Ruleset, seen: str, by: User | None, at: datetime) -> Ruleset:
    """The draft is frozen and in force from its day; the version before it ends on the day before.

    Visits begun from that day on are judged by it; what is stored of earlier ones stays. Raises NotPermitted, or
    Refused where it is no draft, not whole, not what the person has `seen`, or its day is not ahead.
    """
    permissions.check_may_publish(by)
    ruleset = _lock(ruleset)
    policies.check_is_unaltered(ruleset, seen, rules.ruleset_edition(ruleset))
    policies.check_begins_ahead(ruleset, timezone.localdate(at))
    return _publish(ruleset, by=by, at=at)


def _publish(ruleset: Ruleset, *, by: User | None, at: datetime) -> Ruleset:
    policies.check_ruleset_is_whole(ruleset, list(ruleset.bands.all()), list(ruleset.grid.all()), _types())
    policies.check_can_come_into_force(ruleset)
    open_on = Q(valid_until=None) | Q(valid_until__gte=ruleset.valid_from)
    earlier = Ruleset.objects.published().filter(open_on, code=ruleset.code, valid_from__lt=ruleset.valid_from)
    earlier.update(valid_until=ruleset.valid_from - timedelta(days=1))
    ruleset.state = VersionState.PUBLISHED
    ruleset.save(update_fields=["state"])
    facts = {"code": ruleset.code, "number": ruleset.number, "valid_from": ruleset.valid_from.isoformat()}
    record_event(verb="ruleset.published", subject=ruleset, by=by, at=at, facts=facts)
    return ruleset


def _lock(ruleset: Ruleset) -> Ruleset:
    """All versions of this ruleset, held until the transaction ends: one draft, one publication at a time."""
    versions = Ruleset.objects.select_for_update().filter(code=ruleset.code).order_by("pk")
    held = next((version for version in versions if version.pk == ruleset.pk), None)
    if held is None:
        raise Refused(_("Somebody discarded this draft meanwhile."), code="gone")
    policies.check_is_draft_ruleset(held)
    return held


def _write(ruleset: Ruleset, bands: Sequence[Band], cells: Sequence[GridCell]) -> None:
    policies.check_ruleset_is_whole(ruleset, bands, cells, _types())
    ruleset.save()
    for band in bands:
        band.ruleset = ruleset
    for cell in cells:
        cell.ruleset = ruleset
    Band.objects.bulk_create(bands)
    GridCell.objects.bulk_create(cells)


def _types() -> set[str]:
    return set(FacilityType.objects.values_list("code", flat=True))


def _said(rows: Sequence[Band] | Sequence[GridCell], fields: Sequence[str]) -> list[rules.Contents]:
    return [{name: getattr(row, name) for name in fields} for row in rows]
