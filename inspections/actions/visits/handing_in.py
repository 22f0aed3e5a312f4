"""A visit is concluded, then handed in and locked."""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from inspections import permissions, policies, rules
from inspections.actions import letters
from inspections.actions.visits.locking import lock
from inspections.models import Visit
from inspections.states import VisitOutcome, VisitState
from registry.accounts.models import User
from registry.audit.actions import record as record_event


@transaction.atomic
def conclude(
    *, visit: Visit, visited_on: date, outcome: str, licence_seen: str = "", note: str = "", by: User, at: datetime
) -> Visit:
    """It is said how the visit ended, so that people can sign it; the answers stay open.

    Raises NotPermitted for all but its inspector, or Refused: locked, a day ahead, no outcome.
    """
    visit = lock(visit)
    permissions.check_may_lead(by, visit)
    policies.check_can_fill(visit)
    policies.check_can_conclude(outcome, visited_on, timezone.localdate(at))
    policies.check_says_why(outcome, note)
    _say(visit, visited_on, outcome, licence_seen, note)
    visit.save(update_fields=["visited_on", "outcome", "licence_seen", "note"])
    facts = {"visited_on": visited_on.isoformat(), "outcome": outcome}
    record_event(verb="visit.draft_saved", subject=visit, by=by, at=at, facts=facts)
    return visit


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
    """The visit is handed in and locked with the fingerprint of its content; it waits for another person's approval.

    Raises NotPermitted for all but its inspector, or Refused: an interest declared since the visit began, the wrong
    state, a day ahead, no outcome, or, for a completed visit, an item or the question about the licence left
    unanswered, or a signature under this very content missing.
    """
    visit = lock(visit)
    permissions.check_may_lead(by, visit)
    policies.check_team_is_fit([by], visit.facility, None, timezone.localdate(at))
    policies.check_can_submit(
        visit,
        structure=rules.structure(visit.checklist_version),
        visited_on=visited_on,
        outcome=outcome,
        licence_seen=licence_seen,
        today=timezone.localdate(at),
    )
    policies.check_says_why(outcome, note)
    _say(visit, visited_on, outcome, licence_seen, note)
    visit.content_hash = rules.content_hash(visit, visit.photos.select_related("file"))
    policies.check_is_signed(visit, visit.content_hash)
    visit.state = VisitState.SUBMITTED
    visit.submitted_at, visit.submitted_by = at, by
    visit.decided_at = visit.decided_by = None
    visit.revision += 1
    visit.save()
    facts = {
        "visited_on": visited_on.isoformat(),
        "outcome": outcome,
        "revision": visit.revision,
        "content_hash": visit.content_hash,
    }
    record_event(verb="visit.submitted", subject=visit, by=by, at=at, facts=facts)
    letters.handed_in(visit, at=at)
    return visit


def _say(visit: Visit, visited_on: date, outcome: str, licence_seen: str, note: str) -> None:
    visit.visited_on, visit.outcome, visit.note = visited_on, outcome, note
    visit.licence_seen = licence_seen if outcome == VisitOutcome.COMPLETED else ""
