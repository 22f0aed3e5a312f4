"""Checklists, and the drafts of their next versions."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from inspections import permissions, policies, rules
from inspections.models import Checklist, ChecklistItem, ChecklistSection, ChecklistVersion
from registry.accounts.models import User
from registry.audit.actions import record as record_event
from registry.core.errors import Refused

FACTS = ("name_km", "name_en", "ruleset_code", "training_needed")


@transaction.atomic
def create(
    *, code: str, facts: Mapping[str, Any], like: ChecklistVersion | None = None, by: User | None, at: datetime
) -> ChecklistVersion:
    """A new checklist with the draft of its first version: empty, or with what `like` says.

    Raises NotPermitted, or Refused where the code is taken.
    """
    permissions.check_may_draft(by)
    policies.check_code_is_free(code, set(Checklist.objects.values_list("code", flat=True)))
    checklist = Checklist.objects.create(code=code, **{name: facts[name] for name in FACTS})
    checklist.facility_types.set(facts["facility_types"])
    record_event(verb="checklist.created", subject=checklist, by=by, at=at, facts=_said(checklist))
    return _next_version(checklist, like, by=by, at=at)


@transaction.atomic
def describe(*, checklist: Checklist, facts: Mapping[str, Any], by: User | None, at: datetime) -> Checklist:
    """Names, facility types, ruleset and training become these, at once and for all versions.

    Raises NotPermitted: what visits already go by is changed by those who publish.
    """
    checklist = Checklist.objects.select_for_update().get(pk=checklist.pk)
    permissions.check_may_describe(by, checklist)
    before = _said(checklist)
    for name in FACTS:
        setattr(checklist, name, facts[name])
    checklist.save()
    checklist.facility_types.set(facts["facility_types"])
    after = _said(checklist)
    changes = {name: [before[name], after[name]] for name in before if before[name] != after[name]}
    if changes:
        record_event(verb="checklist.changed", subject=checklist, by=by, at=at, facts=changes)
    return checklist


@transaction.atomic
def draft(*, checklist: Checklist, by: User | None, at: datetime) -> ChecklistVersion:
    """The next version of a checklist is begun, with what the latest one says.

    Raises NotPermitted, or Refused where there is a draft already.
    """
    permissions.check_may_draft(by)
    checklist = Checklist.objects.select_for_update().get(pk=checklist.pk)
    policies.check_can_draft(checklist)
    return _next_version(checklist, checklist.versions.order_by("-number").first(), by=by, at=at)


@transaction.atomic
def discard(*, version: ChecklistVersion, by: User | None, at: datetime) -> None:
    """A draft is thrown away, and its checklist with it where that was its only version.

    Raises NotPermitted, or Refused where it is no draft.
    """
    version = lock(version, by=by)
    checklist = version.checklist
    facts = {"code": checklist.code, "number": version.number}
    record_event(verb="checklist_version.discarded", subject=version, by=by, at=at, facts=facts)
    version.delete()
    if not checklist.versions.exists():
        checklist.delete()


def lock(version: ChecklistVersion, *, by: User | None) -> ChecklistVersion:
    """The row of a draft, held until the transaction ends: one change at a time. Raises NotPermitted or Refused."""
    permissions.check_may_draft(by)
    rows = ChecklistVersion.objects.select_for_update(of=("self",)).select_related("checklist")
    held = rows.filter(pk=version.pk).first()
    if held is None:
        raise gone()
    policies.check_is_draft(held)
    return held


def gone() -> Refused:
    return Refused(_("Somebody removed this meanwhile."), code="gone")


def note(version: ChecklistVersion, *, by: User | None, at: datetime, **facts: Any) -> None:
    """A change of a draft enters the history."""
    record_event(verb="checklist_version.edited", subject=version, by=by, at=at, facts=facts)


def said(value: Any) -> Any:
    return value if isinstance(value, (str, int, bool, list, dict)) else str(value)


def _next_version(
    checklist: Checklist, like: ChecklistVersion | None, *, by: User | None, at: datetime
) -> ChecklistVersion:
    latest = checklist.versions.order_by("-number").values_list("number", flat=True).first() or 0
    version = checklist.versions.create(
        number=latest + 1, source=like.source if like else "", drafted_at=at, drafted_by=by
    )
    copies = []
    for section, items in rules.structure(like):
        copy = _copy(section, position=section.position, version=version)
        copy.save()
        copies += [_copy(item, position=item.position, section=copy) for item in items]
    ChecklistItem.objects.bulk_create(copies)
    facts = {"code": checklist.code, "number": version.number, "items": len(copies)}
    record_event(verb="checklist_version.drafted", subject=version, by=by, at=at, facts=facts)
    return version


def _copy(thing: Any, **place: Any) -> Any:
    model: type[ChecklistSection | ChecklistItem] = type(thing)
    return model(**{name: getattr(thing, name) for name in rules.fields_of(thing)}, **place)


def _said(checklist: Checklist) -> dict[str, Any]:
    types = sorted(checklist.facility_types.values_list("code", flat=True))
    return {name: getattr(checklist, name) for name in FACTS} | {"facility_types": types}
