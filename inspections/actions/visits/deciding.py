"""A visit is approved or returned; what approval finds."""

from datetime import datetime

from django.db import transaction

from inspections import permissions, policies, rules
from inspections.actions import findings, letters, standings
from inspections.actions.visits.following import plan_next
from inspections.actions.visits.locking import lock
from inspections.models import Visit
from inspections.states import VisitOutcome, VisitState
from registry.accounts.models import User
from registry.audit.actions import record as record_event
from registry.models import Facility


@transaction.atomic
def approve(*, visit: Visit, by: User, at: datetime) -> Visit:
    """The visit counts: it is scored with its own checklist version and ruleset, every no and partly becomes a
    finding, what is to be put right gets its day, the facility's standing moves and its next visit is planned.

    A visit that failed (refused, closed, not found) moves nothing; a back-check is scored and moves nothing else. An
    amendment replaces the visit that it amends. Raises NotPermitted, for the visit's own inspector too, or Refused
    where it does not wait for approval.
    """
    Facility.objects.select_for_update(no_key=True).get(pk=visit.facility_id)
    visit = lock(visit)
    permissions.check_may_decide(by, visit)
    policies.check_can_move(visit, VisitState.APPROVED)
    if visit.amends is not None:
        _supersede(visit.amends)
    visit.state = VisitState.APPROVED
    visit.decided_by, visit.decided_at, visit.reason = by, at, ""
    structure = rules.structure(visit.checklist_version)
    if visit.outcome == VisitOutcome.COMPLETED and visit.visited_on:
        grace = rules.grace_of(visit, visited_on=visit.visited_on)
        result = rules.result(visit, structure, visited_on=visit.visited_on, grace=grace)
        visit.score, visit.band, visit.next_due_on = result.percent, result.band_code, result.next_due_on
        visit.section_scores, visit.failed_critical = result.section_scores, result.failed_critical
        visit.grace = result.grace
    visit.save()
    found = findings.conclude(visit, structure, by=by, at=at)
    standings.refresh([visit.facility_id])
    plan_next(facility_ids=[visit.facility_id], at=at)
    facts = {
        "outcome": visit.outcome,
        "score": None if visit.score is None else str(visit.score),
        "band": visit.band,
        "next_due_on": visit.next_due_on and visit.next_due_on.isoformat(),
        "findings": len(found),
    }
    record_event(verb="visit.approved", subject=visit, by=by, at=at, facts=facts)
    letters.decided(visit, at=at)
    return visit


@transaction.atomic
def return_for_correction(*, visit: Visit, reason: str, by: User, at: datetime) -> Visit:
    """The visit goes back to its inspector, who can change its answers again. Raises NotPermitted or Refused."""
    visit = lock(visit)
    permissions.check_may_decide(by, visit)
    policies.check_can_move(visit, VisitState.RETURNED)
    policies.check_reason(reason)
    visit.state = VisitState.RETURNED
    visit.decided_by, visit.decided_at, visit.reason = by, at, reason
    visit.save()
    record_event(verb="visit.returned", subject=visit, by=by, at=at, reason=reason)
    letters.decided(visit, at=at)
    return visit


def _supersede(former: Visit) -> None:
    former = lock(former)
    policies.check_can_move(former, VisitState.SUPERSEDED)
    former.state = VisitState.SUPERSEDED
    former.save(update_fields=["state"])
