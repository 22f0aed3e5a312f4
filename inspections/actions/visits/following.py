"""The next visit follows from the standing: planned once, moved with it, called off where a facility closes."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from inspections.models import ChecklistVersion, Ruleset, Standing, Visit
from inspections.states import Purpose, VisitState
from registry.audit.actions import fields
from registry.audit.models import AuditEvent
from registry.models import Facility
from registry.states import OperationalStatus

UNDER_WAY = (VisitState.PLANNED, VisitState.IN_PROGRESS, VisitState.SUBMITTED, VisitState.RETURNED)


@dataclass(frozen=True)
class Followed:
    """How many visits were planned, moved to another day and called off."""

    planned: int = 0
    moved: int = 0
    cancelled: int = 0

    def __add__(self, other: "Followed") -> "Followed":
        return Followed(self.planned + other.planned, self.moved + other.moved, self.cancelled + other.cancelled)


def unplanned(today: date) -> QuerySet[Standing]:
    """Standings of facilities whose next visit is neither planned nor under way though a checklist is there for it."""
    routine = Visit.objects.filter(facility=OuterRef("facility"), purpose=Purpose.ROUTINE, state__in=UNDER_WAY)
    usable = ChecklistVersion.objects.published().filter(checklist__facility_types=OuterRef("facility__type"))
    return Standing.objects.exclude(facility__operational_status=OperationalStatus.CLOSED).filter(
        ~Exists(routine), Exists(usable)
    )


def misplaced(today: date) -> QuerySet[Visit]:
    """Planned routine visits that nobody has taken, on another day than the standing says.

    One whose day has come stays there: moving it on from day to day would hide how late it is.
    """
    due = F("facility__standing__next_due_on")
    return Visit.objects.unassigned().filter(
        Q(facility__standing__next_due_on__gte=today) & ~Q(planned_on=due)
        | Q(facility__standing__next_due_on__lt=today, planned_on__gt=today),
        purpose=Purpose.ROUTINE,
    )


def pointless() -> QuerySet[Visit]:
    """Planned visits to facilities that are closed."""
    return Visit.objects.filter(state=VisitState.PLANNED, facility__operational_status=OperationalStatus.CLOSED)


@transaction.atomic
def plan_next(*, facility_ids: Collection[int], at: datetime) -> Followed:
    """Make the planned visits of these facilities what their standings say.

    Where no routine visit is under way the next one is planned, for nobody yet, on the day that the standing says, or
    today where that is past. One that nobody has taken moves with the standing. Planned visits to closed facilities
    are cancelled. Nobody is asked: the caller is approval, a closure, or the night. Safe to repeat and to run twice
    at once: the facilities are locked in the order of their keys, and a unique index has the last word.
    """
    ids = sorted(set(facility_ids))
    today = timezone.localdate(at)
    locked = Facility.objects.filter(pk__in=ids).order_by("pk").select_for_update(no_key=True)
    list(locked.values_list("pk", flat=True))
    return Followed(
        cancelled=_cancel(pointless().filter(facility__in=ids), at),
        moved=_move(misplaced(today).filter(facility__in=ids), today, at),
        planned=_plan(unplanned(today).filter(facility__in=ids), today, at),
    )


def _plan(standings: QuerySet[Standing], today: date, at: datetime) -> int:
    due = list(
        standings.select_related("facility", "visit__checklist_version").defer("visit__answers").order_by("facility")
    )
    if not due:
        return 0
    versions, rulesets = _versions(), _rulesets()
    wanted = []
    for standing in due:
        day = max(standing.next_due_on, today)
        version = _version_for(standing, versions)
        ruleset = version and _ruleset_for(version, rulesets, day)
        if version and ruleset:
            wanted.append(
                Visit(
                    uuid=uuid4(),
                    facility=standing.facility,
                    checklist_version=version,
                    ruleset=ruleset,
                    purpose=Purpose.ROUTINE,
                    planned_on=day,
                    created_at=at,
                )
            )
    Visit.objects.bulk_create(wanted, ignore_conflicts=True)
    kept = set(Visit.objects.filter(uuid__in=[visit.uuid for visit in wanted]).values_list("uuid", flat=True))
    made = [visit for visit in wanted if visit.uuid in kept]
    _record("visit.planned", made, at)
    return len(made)


def _move(visits: QuerySet[Visit], today: date, at: datetime) -> int:
    found = _held(visits)
    for visit in found:
        visit.planned_on = max(visit.facility.standing.next_due_on, today)
    Visit.objects.bulk_update(found, ["planned_on"], batch_size=1000)
    _record("visit.moved", found, at)
    return len(found)


def _cancel(visits: QuerySet[Visit], at: datetime) -> int:
    found = _held(visits)
    reason = _("The facility is closed.")
    for visit in found:
        visit.state, visit.reason = VisitState.CANCELLED, reason
    Visit.objects.bulk_update(found, ["state", "reason"], batch_size=1000)
    _record("visit.cancelled", found, at, reason)
    return len(found)


def _held(visits: QuerySet[Visit]) -> list[Visit]:
    joined = visits.select_related("facility__standing").defer("answers").order_by("pk")
    return list(joined.select_for_update(of=("self",), no_key=True))


def _record(verb: str, visits: Iterable[Visit], at: datetime, reason: str = "") -> None:
    AuditEvent.objects.bulk_create(
        AuditEvent(
            **fields(
                verb=verb,
                subject=visit,
                by=None,
                at=at,
                reason=reason,
                facts={"planned_on": visit.planned_on and visit.planned_on.isoformat(), "purpose": visit.purpose},
            )
        )
        for visit in visits
    )


@dataclass(frozen=True)
class _Versions:
    of_checklist: Mapping[int, ChecklistVersion]
    of_type: Mapping[int, ChecklistVersion]


def _versions() -> _Versions:
    """The published version of each checklist, and of each facility type that of the first checklist by its code."""
    published = ChecklistVersion.objects.published().select_related("checklist").order_by("checklist__code")
    of_checklist: dict[int, ChecklistVersion] = {}
    of_type: dict[int, ChecklistVersion] = {}
    for version in published.prefetch_related("checklist__facility_types"):
        of_checklist[version.checklist_id] = version
        for kind in version.checklist.facility_types.all():
            of_type.setdefault(kind.pk, version)
    return _Versions(of_checklist, of_type)


def _version_for(standing: Standing, versions: _Versions) -> ChecklistVersion | None:
    """The checklist of the last visit, unless the facility is of another type now or it was none of ours."""
    last: Any = standing.visit.checklist_version
    same = versions.of_checklist.get(last.checklist_id) if last else None
    types = {kind.pk for kind in same.checklist.facility_types.all()} if same else ()
    return same if standing.facility.type_id in types else versions.of_type.get(standing.facility.type_id)


def _rulesets() -> dict[str, list[Ruleset]]:
    """Published rulesets by their code, the latest first."""
    found: dict[str, list[Ruleset]] = {}
    for ruleset in Ruleset.objects.published().order_by("-valid_from"):
        found.setdefault(ruleset.code, []).append(ruleset)
    return found


def _ruleset_for(version: ChecklistVersion, rulesets: Mapping[str, list[Ruleset]], day: date) -> Ruleset | None:
    """That in force on the day, or the latest: which one scores the visit is settled when it begins."""
    known = rulesets.get(version.checklist.ruleset_code, [])
    in_force = (r for r in known if r.valid_from <= day and (r.valid_until is None or r.valid_until >= day))
    return next(in_force, known[0] if known else None)
