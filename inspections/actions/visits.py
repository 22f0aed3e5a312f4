"""Everything that can happen to a visit, from its plan to its approval."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from inspections import permissions, policies, rules
from inspections.actions import standings
from inspections.models import ChecklistVersion, Finding, Ruleset, Visit
from inspections.states import Answer, Scope, VisitOutcome, VisitState
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
    version, ruleset = _in_force(checklist_version, max(planned_on, today))
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
def start(*, visit: Visit, by: User, at: datetime) -> Visit:
    """The visit begins: from now on its checklist version, its ruleset and the declared services stand.

    Raises NotPermitted for all but its inspector, or Refused where it is not planned.
    """
    visit = _lock(visit)
    permissions.check_may_work_on(by, visit)
    policies.check_can_move(visit, VisitState.IN_PROGRESS)
    today = timezone.localdate(at)
    visit.checklist_version, visit.ruleset = _in_force(visit.checklist_version, today)
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
    visit = _lock(visit)
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
    visit = _lock(visit)
    permissions.check_may_work_on(by, visit)
    policies.check_can_fill(visit)
    policies.check_services_are_known(services, Service.objects.values_list("code", flat=True))
    if set(services) == set(visit.services):
        return visit
    visit.services = sorted(services)
    return _save_draft(visit, by=by, at=at)


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
    visit = _lock(visit)
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


@transaction.atomic
def approve(*, visit: Visit, by: User, at: datetime) -> Visit:
    """The visit counts: it is scored with its own checklist version and ruleset, every no and partly becomes a
    finding, and the facility's standing moves. A visit that failed (refused, closed, not found) moves nothing.

    Raises NotPermitted, for the visit's own inspector too, or Refused where it does not wait for approval.
    """
    visit = _lock(visit)
    permissions.check_may_decide(by, visit)
    policies.check_can_move(visit, VisitState.APPROVED)
    visit.state = VisitState.APPROVED
    visit.decided_by, visit.decided_at, visit.reason = by, at, ""
    if visit.outcome == VisitOutcome.COMPLETED and visit.visited_on:
        structure = rules.structure(visit.checklist_version)
        result = rules.result(visit, structure, visited_on=visit.visited_on)
        visit.score, visit.band, visit.next_due_on = result.percent, result.band_code, result.next_due_on
        visit.section_scores = result.section_scores
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
    visit = _lock(visit)
    permissions.check_may_decide(by, visit)
    policies.check_can_move(visit, VisitState.RETURNED)
    policies.check_reason(reason)
    visit.state = VisitState.RETURNED
    visit.decided_by, visit.decided_at, visit.reason = by, at, reason
    visit.save()
    record_event(verb="visit.returned", subject=visit, by=by, at=at, reason=reason)
    return visit


@transaction.atomic
def cancel(*, visit: Visit, reason: str, by: User, at: datetime) -> Visit:
    """The visit will not take place; its answers, if any, are kept. Raises NotPermitted or Refused."""
    visit = _lock(visit)
    permissions.check_may_cancel(by, visit)
    policies.check_can_move(visit, VisitState.CANCELLED)
    policies.check_reason(reason)
    visit.state, visit.reason = VisitState.CANCELLED, reason
    visit.save()
    record_event(verb="visit.cancelled", subject=visit, by=by, at=at, reason=reason)
    return visit


def _lock(visit: Visit) -> Visit:
    joined = Visit.objects.select_related("facility__type", "checklist_version__checklist", "ruleset", "inspector")
    return joined.select_for_update(of=("self",), no_key=True).get(pk=visit.pk)


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


def _in_force(version: ChecklistVersion | None, on: date) -> tuple[ChecklistVersion, Ruleset]:
    """The published version of the same checklist, and the version of its ruleset in force on that day."""
    checklist = version.checklist if version else None
    published = ChecklistVersion.objects.published().filter(checklist=checklist).first()
    ruleset = Ruleset.objects.in_force(on).filter(code=checklist.ruleset_code).first() if checklist else None
    if published is None or ruleset is None:
        raise Refused(
            _("“%(checklist)s” cannot be used: it or its ruleset has no published version in force.")
            % {"checklist": checklist or "–"},
            code="no_rulebook_in_force",
        )
    return published, ruleset


def _declared_services(facility: Facility, on: date) -> list[str]:
    declared = FacilityService.objects.filter(
        Q(withdrawn_on=None) | Q(withdrawn_on__gt=on), facility=facility, declared_on__lte=on
    )
    return sorted(declared.values_list("service__code", flat=True).distinct())


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
