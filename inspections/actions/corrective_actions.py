"""What a facility has to put right, from the approval that asks for it to whoever sees that it is done."""

from collections.abc import Iterable
from datetime import date, datetime

from django.core.files import File
from django.db import transaction
from django.utils import timezone

from inspections import permissions, policies, rules
from inspections.models import ActionEvidence, CorrectiveAction, Finding, Visit
from inspections.states import ActionState, CorrectedHow
from registry.accounts.models import User
from registry.audit.actions import fields, record
from registry.audit.models import AuditEvent
from registry.core.working_days import add_working_days
from registry.files.actions import store
from registry.files.states import DOCUMENTS
from registry.models import PublicHoliday


def require(visit: Visit, findings: Iterable[Finding], *, by: User, at: datetime) -> list[CorrectiveAction]:
    """Ask for what the visit's ruleset gives a time for, counted in working days from the approval; part of it.

    A finding that goes on keeps the day that it was given first.
    """
    findings = list(findings)
    asked = set(CorrectiveAction.objects.filter(finding__in=findings).values_list("finding", flat=True))
    days = rules.correction_days(visit.ruleset)
    today = timezone.localdate(at)
    holidays = set(PublicHoliday.objects.filter(day__gte=today).values_list("day", flat=True))
    new = CorrectiveAction.objects.bulk_create(
        CorrectiveAction(
            finding=finding,
            facility=visit.facility,
            due_on=add_working_days(today, days[finding.severity, finding.scope], holidays),
            opened_at=at,
        )
        for finding in findings
        if finding.pk not in asked and (finding.severity, finding.scope) in days
    )
    AuditEvent.objects.bulk_create(
        AuditEvent(
            **fields(
                verb="corrective_action.required",
                subject=action,
                by=by,
                at=at,
                facts={"due_on": action.due_on.isoformat()},
            )
        )
        for action in new
    )
    return new


def verify_by_visit(finding: Finding, how: CorrectedHow, *, by: User, at: datetime) -> None:
    """A visit found it mended; part of the approval of that visit."""
    action = _of(finding)
    if action is not None and action.state in policies.OPEN_ACTIONS:
        _decide(action, ActionState.VERIFIED, how=how, by=by, at=at)
        record(verb="corrective_action.verified", subject=action, by=by, at=at, facts={"how": how})


def drop(finding: Finding, reason: str, *, by: User, at: datetime) -> None:
    """Nothing is to be put right after all: the visit that found it is amended; part of the approval of that."""
    action = _of(finding)
    if action is not None and action.state in policies.OPEN_ACTIONS:
        _decide(action, ActionState.WITHDRAWN, reason=reason, by=by, at=at)
        record(verb="corrective_action.withdrawn", subject=action, by=by, at=at, reason=reason)


def reopen(finding: Finding, reason: str, *, by: User, at: datetime) -> None:
    """It is not mended after all: the visit that said so is amended; part of the approval of that."""
    action = _of(finding)
    if action is not None and action.state == ActionState.VERIFIED:
        _decide(action, ActionState.REQUIRED, reason=reason, by=None, at=None)
        record(verb="corrective_action.reopened", subject=action, by=by, at=at, reason=reason)


@transaction.atomic
def give_evidence(
    *, action: CorrectiveAction, text: str, name: str, upload: File | None = None, by: User | None, at: datetime
) -> ActionEvidence:
    """Somebody shows that it is done; the evidence waits to be looked at.

    `by` is None for the facility itself, which knows the address on its receipt. Raises NotPermitted, or Refused where
    the action is not open, has enough evidence, says nothing, or the file is not one that is kept.
    """
    action = _lock(action)
    if by is not None:
        permissions.check_may_enter_evidence(by, action)
    policies.check_can_give_evidence(action, text=text, name=name)
    file = store(upload=upload, kinds=DOCUMENTS, by=by, at=at) if upload is not None else None
    evidence = ActionEvidence.objects.create(
        action=action, text=text.strip(), given_by_name=name.strip(), file=file, entered_by=by, given_at=at
    )
    action.state = ActionState.EVIDENCE_GIVEN
    action.save(update_fields=["state"])
    facts = {"name": evidence.given_by_name, "file": file.sha256 if file else None}
    record(verb="corrective_action.evidence_given", subject=action, by=by, at=at, facts=facts)
    return evidence


@transaction.atomic
def verify(*, action: CorrectiveAction, by: User, at: datetime) -> CorrectiveAction:
    """The evidence shows that it is done: the action and its finding are closed.

    Raises NotPermitted, also for whoever entered the evidence, or Refused where no evidence waits.
    """
    action = _lock(action)
    permissions.check_may_judge_evidence(by, action)
    policies.check_can_judge_evidence(action)
    _decide(action, ActionState.VERIFIED, how=CorrectedHow.DESK, by=by, at=at)
    finding = Finding.objects.select_for_update().get(pk=action.finding_id)
    if finding.corrected_on is None:
        finding.corrected_on, finding.corrected_how = timezone.localdate(at), CorrectedHow.DESK
        finding.save(update_fields=["corrected_on", "corrected_how"])
    record(verb="corrective_action.verified", subject=action, by=by, at=at, facts={"how": CorrectedHow.DESK})
    return action


@transaction.atomic
def refuse_evidence(*, action: CorrectiveAction, reason: str, by: User, at: datetime) -> CorrectiveAction:
    """The evidence does not show it: it is still to be done, by the same day. Raises NotPermitted or Refused."""
    action = _lock(action)
    permissions.check_may_judge_evidence(by, action)
    policies.check_can_judge_evidence(action)
    policies.check_reason(reason)
    _decide(action, ActionState.REQUIRED, reason=reason, by=by, at=at)
    record(verb="corrective_action.evidence_refused", subject=action, by=by, at=at, reason=reason)
    return action


@transaction.atomic
def withdraw(*, action: CorrectiveAction, reason: str, by: User, at: datetime) -> CorrectiveAction:
    """It is no longer asked for; its finding stays open until a visit closes it. Raises NotPermitted or Refused."""
    action = _lock(action)
    permissions.check_may_manage_actions(by, action)
    policies.check_is_open(action)
    policies.check_reason(reason)
    _decide(action, ActionState.WITHDRAWN, reason=reason, by=by, at=at)
    record(verb="corrective_action.withdrawn", subject=action, by=by, at=at, reason=reason)
    return action


@transaction.atomic
def extend(*, action: CorrectiveAction, due_on: date, reason: str, by: User, at: datetime) -> CorrectiveAction:
    """There is more time, until `due_on`. Raises NotPermitted, or Refused where that day is not later, or is past."""
    action = _lock(action)
    permissions.check_may_manage_actions(by, action)
    policies.check_can_extend(action, due_on, today=timezone.localdate(at))
    policies.check_reason(reason)
    facts = {"due_on": [action.due_on.isoformat(), due_on.isoformat()]}
    action.due_on = due_on
    action.save(update_fields=["due_on"])
    record(verb="corrective_action.extended", subject=action, by=by, at=at, reason=reason, facts=facts)
    return action


def _decide(
    action: CorrectiveAction,
    state: ActionState,
    *,
    how: str = "",
    reason: str = "",
    by: User | None,
    at: datetime | None,
) -> None:
    action.state, action.verified_how, action.reason = state, how, reason
    action.decided_by, action.decided_at = by, at
    action.save(update_fields=["state", "verified_how", "reason", "decided_by", "decided_at"])


def _of(finding: Finding) -> CorrectiveAction | None:
    return (
        CorrectiveAction.objects.select_related("facility")
        .select_for_update(of=("self",))
        .filter(finding=finding)
        .first()
    )


def _lock(action: CorrectiveAction) -> CorrectiveAction:
    joined = CorrectiveAction.objects.select_related("facility", "finding")
    return joined.select_for_update(of=("self",), no_key=True).get(pk=action.pk)
