"""A visit begins, and its answers are kept while it is filled in."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from inspections import permissions, policies, rules
from inspections.actions.visits.locking import in_force, lock
from inspections.models import Visit
from inspections.states import VisitState
from registry.accounts.models import User
from registry.audit.actions import record as record_event
from registry.core.errors import Refused
from registry.models import Facility, FacilityService, Service


class Overtaken(Refused):
    """Somebody else saved other answers to the same items meanwhile; `merge` says which and what would fit."""

    def __init__(self, visit: Visit, merge: rules.Merge) -> None:
        super().__init__(
            _("Somebody else, or you in another window, answered the same items meanwhile."), code="overtaken"
        )
        self.visit = visit
        self.merge = merge


@transaction.atomic
def start(*, visit: Visit, by: User, at: datetime) -> Visit:
    """The visit begins: from now on its checklist version, its ruleset and the declared services stand.

    Raises NotPermitted for all but its inspector, or Refused where it is not planned.
    """
    visit = lock(visit)
    permissions.check_may_work_on(by, visit)
    policies.check_can_move(visit, VisitState.IN_PROGRESS)
    today = timezone.localdate(at)
    visit.checklist_version, visit.ruleset = in_force(visit.checklist_version, today)
    visit.facility_type, visit.facility_level = visit.facility.type.code, visit.facility.type.level
    visit.services = _declared_services(visit.facility, today)
    visit.state, visit.started_at = VisitState.IN_PROGRESS, at
    visit.save()
    facts = {"checklist": str(visit.checklist_version_id), "ruleset": visit.ruleset.code, "services": visit.services}
    record_event(verb="visit.started", subject=visit, by=by, at=at, facts=facts)
    return visit


@transaction.atomic
def save_draft(*, visit: Visit, answers: Mapping[str, Any], revision: int, by: User, at: datetime) -> Visit:
    """Keep the answers to some items; `revision` is the one that the person began from.

    What others saved since to other items stays. Raises NotPermitted, Refused where the answers are locked or do not
    fit the checklist, and Overtaken (nothing is saved) where the same items were answered differently meanwhile.
    """
    visit = lock(visit)
    permissions.check_may_work_on(by, visit)
    policies.check_can_fill(visit)
    structure = rules.structure(visit.checklist_version)
    items = {rules.key(section, item): item for section, section_items in structure for item in section_items}
    policies.check_answers_fit(items, answers)
    base = visit.answers if revision == visit.revision else _answers_at(visit, revision)
    merged = rules.merge(base=base, stored=visit.answers, typed=answers)
    if merged.conflicts:
        raise Overtaken(visit, merged)
    if merged.answers == visit.answers:
        return visit
    visit.answers = merged.answers
    return _save_draft(visit, by=by, at=at)


@transaction.atomic
def note_services(*, visit: Visit, services: Collection[str], by: User, at: datetime) -> Visit:
    """Keep which services (codes) the inspector found; sections of other services neither count nor are asked.

    Raises NotPermitted, or Refused where the answers are locked or a service is unknown.
    """
    visit = lock(visit)
    permissions.check_may_work_on(by, visit)
    policies.check_can_fill(visit)
    policies.check_services_are_known(services, Service.objects.values_list("code", flat=True))
    if set(services) == set(visit.services):
        return visit
    visit.services = sorted(services)
    return _save_draft(visit, by=by, at=at)


def _save_draft(visit: Visit, *, by: User, at: datetime) -> Visit:
    visit.revision += 1
    visit.save(update_fields=["answers", "services", "revision"])
    facts = {"revision": visit.revision, "answered": len(visit.answers)}
    record_event(verb="visit.draft_saved", subject=visit, by=by, at=at, facts=facts)
    return visit


def _answers_at(visit: Visit, revision: int) -> Mapping[str, Any]:
    """The answers as they were at an earlier revision, from the row history; none at all where there was none."""
    history = Visit.pgh_event_model.objects.filter(pgh_obj=visit.pk, revision=revision)  # type: ignore[attr-defined]
    return history.order_by("-pgh_id").values_list("answers", flat=True).first() or {}


def _declared_services(facility: Facility, on: date) -> list[str]:
    declared = FacilityService.objects.filter(
        Q(withdrawn_on=None) | Q(withdrawn_on__gt=on), facility=facility, declared_on__lte=on
    )
    return sorted(declared.values_list("service__code", flat=True).distinct())
