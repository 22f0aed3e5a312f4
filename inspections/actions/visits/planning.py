"""A visit is planned, and called off."""

from datetime import date, datetime
from uuid import uuid4

from django.db import transaction
from django.utils import timezone

from inspections import permissions, policies
from inspections.actions.visits.locking import in_force, lock
from inspections.models import ChecklistVersion, Visit
from inspections.states import VisitState
from registry.accounts.models import User
from registry.audit.actions import record as record_event
from registry.models import Facility


@transaction.atomic
def plan(
    *,
    facility: Facility,
    inspector: User,
    checklist_version: ChecklistVersion,
    planned_on: date,
    purpose: str,
    announced: bool,
    by: User,
    at: datetime,
) -> Visit:
    """A visit is planned for an inspector and a day.

    Raises NotPermitted, or Refused where the facility is closed, another visit is under way, the inspector is of
    another province, the day is past, or no version of the checklist or its ruleset is in force.
    """
    facility = Facility.objects.select_for_update(no_key=True).get(pk=facility.pk)
    permissions.check_may_plan(by, facility, inspector)
    today = timezone.localdate(at)
    policies.check_can_plan(facility, inspector, planned_on, today)
    policies.check_nothing_under_way(facility)
    version, ruleset = in_force(checklist_version, max(planned_on, today))
    visit = Visit.objects.create(
        uuid=uuid4(),
        facility=facility,
        inspector=inspector,
        checklist_version=version,
        ruleset=ruleset,
        planned_on=planned_on,
        purpose=purpose,
        announced=announced,
        created_at=at,
    )
    facts = {"planned_on": planned_on.isoformat(), "inspector": inspector.get_username(), "purpose": purpose}
    record_event(verb="visit.planned", subject=visit, by=by, at=at, facts=facts)
    return visit


@transaction.atomic
def cancel(*, visit: Visit, reason: str, by: User, at: datetime) -> Visit:
    """The visit will not take place; its answers, if any, are kept. Raises NotPermitted or Refused."""
    visit = lock(visit)
    permissions.check_may_cancel(by, visit)
    policies.check_can_move(visit, VisitState.CANCELLED)
    policies.check_reason(reason)
    visit.state, visit.reason = VisitState.CANCELLED, reason
    visit.save()
    record_event(verb="visit.cancelled", subject=visit, by=by, at=at, reason=reason)
    return visit
