"""A visit is handed in and locked."""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from inspections import permissions, policies, rules
from inspections.actions.visits.locking import lock
from inspections.models import Visit
from inspections.states import VisitOutcome, VisitState
from registry.accounts.models import User
from registry.audit.actions import record as record_event


@transaction.atomic
def submit(
    *,
    visit: Visit,
    visited_on: date,
    outcome: str,
    licence_seen: str = "",
    note: str = "",
    by: User,
    at: datetime,
) -> Visit:
    """The visit is handed in and locked; it waits for another person's approval.

    Raises NotPermitted for all but its inspector, or Refused: the wrong state, a day ahead, no outcome, or, for a
    completed visit, an item or the question about the licence left unanswered.
    """
    visit = lock(visit)
    permissions.check_may_work_on(by, visit)
    policies.check_can_submit(
        visit,
        structure=rules.structure(visit.checklist_version),
        visited_on=visited_on,
        outcome=outcome,
        licence_seen=licence_seen,
        today=timezone.localdate(at),
    )
    visit.state = VisitState.SUBMITTED
    visit.visited_on, visit.outcome, visit.note = visited_on, outcome, note
    visit.licence_seen = licence_seen if outcome == VisitOutcome.COMPLETED else ""
    visit.submitted_at, visit.submitted_by = at, by
    visit.decided_at = visit.decided_by = None
    visit.revision += 1
    visit.save()
    facts = {"visited_on": visited_on.isoformat(), "outcome": outcome, "revision": visit.revision}
    record_event(verb="visit.submitted", subject=visit, by=by, at=at, facts=facts)
    return visit
