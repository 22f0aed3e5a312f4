"""A visit begins, and its answers are kept while it is filled in."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from inspections import permissions, policies, rules
from inspections.actions.visits.locking import in_force, lock
from inspections.models import ChecklistItem, Finding, Visit
from inspections.states import AnswerKind, Purpose, VisitState
from registry.accounts.models import User
from registry.audit.actions import record as record_event
from registry.core.distance import metres_between
from registry.core.errors import Refused
from registry.models import Facility, FacilityService, Service


class Overtaken(Refused):
    """Somebody else saved other answers to the same items meanwhile; `merge` says which and what would fit.

    `others` are the answers to other items that changed since, as in `Kept`.
    """

    def __init__(self, visit: Visit, merge: rules.Merge, others: dict[str, Any]) -> None:
        super().__init__(
            _("Somebody else, or you in another window, answered the same items meanwhile."), code="overtaken"
        )
        self.visit = visit
        self.merge = merge
        self.others = others


@dataclass(frozen=True)
class Kept:
    """A visit after its answers were kept, the checklist it answers, and what others answered meanwhile."""

    visit: Visit
    structure: rules.Structure
    others: dict[str, Any]


@transaction.atomic
def start(*, visit: Visit, by: User, at: datetime) -> Visit:
    """The visit begins: from now on its checklist version, its ruleset, the declared services and the findings that
    are still open stand. A back-check is blind: it carries no findings.

    Raises NotPermitted for all but its inspector, or Refused where it is not planned or somebody of the team is no
    longer fit for it.
    """
    visit = lock(visit)
    permissions.check_may_lead(by, visit)
    policies.check_can_move(visit, VisitState.IN_PROGRESS)
    policies.check_has_stated(visit, by)
    today = timezone.localdate(at)
    policies.check_team_is_fit(policies.team_of(visit), visit.facility, visit.checklist_version, today)
    if visit.purpose != Purpose.BACK_CHECK:  # which is compared with the first visit, item by item
        visit.checklist_version, visit.ruleset = in_force(visit.checklist_version, today)
    visit.facility_type, visit.facility_level = visit.facility.type.code, visit.facility.type.level
    visit.services = _declared_services(visit.facility, today)
    visit.carried = {} if visit.purpose == Purpose.BACK_CHECK else _open_findings(visit.facility)
    visit.state, visit.started_at = VisitState.IN_PROGRESS, at
    visit.save()
    facts = {"checklist": str(visit.checklist_version_id), "ruleset": visit.ruleset.code, "services": visit.services}
    record_event(verb="visit.started", subject=visit, by=by, at=at, facts=facts)
    return visit


@transaction.atomic
def arrive(
    *,
    visit: Visit,
    latitude: Decimal | None = None,
    longitude: Decimal | None = None,
    accuracy_m: int | None = None,
    by: User,
    at: datetime,
) -> Visit:
    """Keep when the inspector arrived and where the device says that is, with the distance to the registered point.

    Without a place the arrival counts all the same and the place is unknown. Raises NotPermitted or Refused.
    """
    visit = lock(visit)
    permissions.check_may_work_on(by, visit)
    policies.check_can_fill(visit)
    policies.check_has_stated(visit, by)
    place = policies.place_of(latitude, longitude)
    registered = visit.facility.point
    visit.arrived_at = at
    visit.latitude, visit.longitude = place or (None, None)
    visit.accuracy_m = accuracy_m if place else None
    visit.distance_m = metres_between(place, registered) if place and registered else None
    visit.save(update_fields=["arrived_at", "latitude", "longitude", "accuracy_m", "distance_m"])
    facts = {"distance_m": visit.distance_m, "accuracy_m": visit.accuracy_m}
    record_event(verb="visit.arrived", subject=visit, by=by, at=at, facts=facts)
    return visit


def save_draft(*, visit: Visit, answers: Mapping[str, Any], revision: int, by: User, at: datetime) -> Visit:
    """`keep`, for callers that need only the visit."""
    return keep(visit=visit, answers=answers, revision=revision, by=by, at=at).visit


@transaction.atomic
def keep(*, visit: Visit, answers: Mapping[str, Any], revision: int, by: User, at: datetime) -> Kept:
    """Keep the answers to some items and earlier findings; `revision` is the one that the person began from.

    What others saved since to other items stays. Raises NotPermitted, also where a section is somebody else's,
    Refused where the answers are locked or do not fit the checklist, and Overtaken (nothing is saved) where the same
    items were answered differently meanwhile.
    """
    visit = lock(visit)
    permissions.check_may_work_on(by, visit)
    policies.check_can_fill(visit)
    policies.check_has_stated(visit, by)
    structure = rules.structure(visit.checklist_version)
    items = {rules.key(section, item): item for section, section_items in structure for item in section_items}
    policies.check_answers_fit(items, visit.carried, answers)
    codes = {section.pk: section.code for section, _items in structure}
    permissions.check_may_answer(by, visit, {codes[items[key].section_id] for key in answers if key in items})
    stored = _whole(visit.answers, visit.carried)
    base = stored if revision == visit.revision else _answers_at(visit, revision)
    typed = {key: _stored(visit, key, items.get(key), given) for key, given in answers.items()}
    merged = rules.merge(base=base, stored=stored, typed=typed)
    others = {key: stored.get(key) or {} for key in stored.keys() | base.keys() if key not in typed}
    others = {key: now for key, now in others.items() if now != (base.get(key) or {})}
    if merged.conflicts:
        raise Overtaken(visit, merged, others)
    changed = sorted(key for key in typed if merged.answers.get(key) != stored.get(key))
    if changed:
        visit.answers = {key: given for key, given in merged.answers.items() if not key.startswith(rules.CARRIED)}
        visit.carried = {key: merged.answers.get(rules.CARRIED + key, {}) for key in visit.carried}
        _save_draft(visit, by=by, at=at, facts={"items": changed})
    return Kept(visit, structure, others)


@transaction.atomic
def note_services(*, visit: Visit, services: Collection[str], by: User, at: datetime) -> Visit:
    """Keep which services (codes) the inspector found; sections of other services neither count nor are asked.

    Raises NotPermitted, or Refused where the answers are locked or a service is unknown.
    """
    visit = lock(visit)
    permissions.check_may_work_on(by, visit)
    policies.check_can_fill(visit)
    policies.check_has_stated(visit, by)
    policies.check_services_are_known(services, Service.objects.values_list("code", flat=True))
    if set(services) == set(visit.services):
        return visit
    visit.services = sorted(services)
    return _save_draft(visit, by=by, at=at, facts={"services": visit.services})


def _save_draft(visit: Visit, *, by: User, at: datetime, facts: dict[str, Any]) -> Visit:
    visit.revision += 1
    visit.save(update_fields=["answers", "carried", "services", "revision"])
    record_event(verb="visit.draft_saved", subject=visit, by=by, at=at, facts={"revision": visit.revision} | facts)
    return visit


def _stored(visit: Visit, key: str, item: ChecklistItem | None, given: Mapping[str, str]) -> dict[str, str]:
    """The answer as it is stored; that to an item of photos is how many there are, whatever was sent."""
    tidied = rules.tidy(item, given)
    if item is not None and item.kind == AnswerKind.PHOTO:
        photos = visit.photos.filter(item_code=key).count()
        tidied = {name: text for name, text in (tidied | {"value": str(photos or "")}).items() if text}
    return tidied


def _answers_at(visit: Visit, revision: int) -> Mapping[str, Any]:
    """The answers as they were at an earlier revision, from the row history; none at all where there was none."""
    history = Visit.pgh_event_model.objects.filter(pgh_obj=visit.pk, revision=revision)  # type: ignore[attr-defined]
    found = history.order_by("-pgh_id").values_list("answers", "carried").first()
    return _whole(*found) if found else {}


def _whole(answers: Mapping[str, Any], carried: Mapping[str, Any]) -> dict[str, Any]:
    """The answers to items and to earlier findings in one."""
    return {**answers, **{rules.CARRIED + key: given for key, given in carried.items() if given}}


def _open_findings(facility: Facility) -> dict[str, dict[str, str]]:
    """Of each finding that is not yet corrected its key, with nothing answered."""
    still_open = Finding.objects.filter(facility=facility, corrected_on=None, visit__state=VisitState.APPROVED)
    return {str(pk): {} for pk in still_open.order_by("pk").values_list("pk", flat=True)}


def _declared_services(facility: Facility, on: date) -> list[str]:
    declared = FacilityService.objects.filter(
        Q(withdrawn_on=None) | Q(withdrawn_on__gt=on), facility=facility, declared_on__lte=on
    )
    return sorted(declared.values_list("service__code", flat=True).distinct())
