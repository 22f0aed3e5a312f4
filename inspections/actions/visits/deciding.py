"""A visit is approved or returned; what approval finds."""

from datetime import datetime

from django.db import transaction

from inspections import permissions, policies, rules
from inspections.actions import standings
from inspections.actions.visits.locking import lock
from inspections.models import Finding, Visit
from inspections.states import Answer, Scope, VisitOutcome, VisitState
from registry.accounts.models import User
from registry.audit.actions import record as record_event


@transaction.atomic
def approve(*, visit: Visit, by: User, at: datetime) -> Visit:
    """The visit counts: it is scored with its own checklist version and ruleset, every no and partly becomes a
    finding, and the facility's standing moves. A visit that failed (refused, closed, not found) moves nothing.

    Raises NotPermitted, for the visit's own inspector too, or Refused where it does not wait for approval.
    """
    visit = lock(visit)
    permissions.check_may_decide(by, visit)
    policies.check_can_move(visit, VisitState.APPROVED)
    visit.state = VisitState.APPROVED
    visit.decided_by, visit.decided_at, visit.reason = by, at, ""
    if visit.outcome == VisitOutcome.COMPLETED and visit.visited_on:
        structure = rules.structure(visit.checklist_version)
        grace = rules.grace_of(visit, visited_on=visit.visited_on)
        result = rules.result(visit, structure, visited_on=visit.visited_on, grace=grace)
        visit.score, visit.band, visit.next_due_on = result.percent, result.band_code, result.next_due_on
        visit.section_scores, visit.failed_critical = result.section_scores, result.failed_critical
        visit.grace = result.grace
        visit.save()
        Finding.objects.bulk_create(findings_of(visit, structure, at))
        standings.refresh([visit.facility_id])
    else:
        visit.save()
    facts = {
        "outcome": visit.outcome,
        "score": None if visit.score is None else str(visit.score),
        "band": visit.band,
        "next_due_on": visit.next_due_on and visit.next_due_on.isoformat(),
    }
    record_event(verb="visit.approved", subject=visit, by=by, at=at, facts=facts)
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
    return visit


def findings_of(visit: Visit, structure: rules.Structure, at: datetime) -> list[Finding]:
    """What approval finds: every no and partly among the applicable items. Nothing is written."""
    letters = {(cell.severity, cell.scope): cell.letter for cell in visit.ruleset.grid.all()}
    findings = []
    for section, items in rules.applicable(structure, rules.setting(visit), visit.answers):
        for item in items:
            key = rules.key(section, item)
            given = visit.answers.get(key, {})
            if given.get("answer") in (Answer.NO, Answer.PARTIAL):
                findings.append(
                    Finding(
                        visit=visit,
                        facility_id=visit.facility_id,
                        item_code=key,
                        clause=item.clause or key,
                        text=given.get("note") or item.label_km or item.label_en,
                        severity=item.severity,
                        scope=Scope.ISOLATED,
                        grid=letters.get((item.severity, Scope.ISOLATED))
                        or rules.letter(item.severity, Scope.ISOLATED),
                        recorded_at=at,
                    )
                )
    return findings
