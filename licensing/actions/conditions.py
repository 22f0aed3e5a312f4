"""What a licence or an authorisation is tied to, from the day it is imposed to the day it is met or lifted."""

from datetime import date, datetime
from typing import Any

from django.core.files import File
from django.db import transaction
from django.utils import timezone

from licensing import permissions, policies
from licensing.actions.grants import lock
from licensing.models import Condition, Grant
from licensing.states import ConditionState
from registry.accounts.models import User
from registry.audit.actions import record as record_event
from registry.files.actions import store
from registry.files.models import StoredFile
from registry.files.states import DOCUMENTS


@transaction.atomic
def impose(*, grant: Grant, text: str, due_on: date | None, by: User, at: datetime) -> Condition:
    """The holder has to meet the condition by its day, or to keep to it for ever. Raises NotPermitted or Refused."""
    permissions.check_may_impose(by)
    grant = lock(grant)
    today = timezone.localdate(at)
    policies.check_has_no_interest(by, grant.facility, today)
    policies.check_can_impose(grant, text=text, due_on=due_on, imposed_on=today)
    of: dict[str, Any] = {grant.noun: grant}
    condition = Condition.objects.create(**of, text=text, due_on=due_on, imposed_by=by, imposed_at=at)
    facts = {"condition": condition.pk, "text": text, "due_on": str(due_on or "")}
    record_event(verb=f"{grant.noun}.condition_imposed", subject=grant, by=by, at=at, facts=facts)
    return condition


@transaction.atomic
def meet(*, condition: Condition, evidence: str, upload: File | None = None, by: User, at: datetime) -> Condition:
    """The condition is met, as the evidence shows. Raises NotPermitted or Refused, also for a file that is unfit."""
    permissions.check_may_find_met(by)
    file = store(upload=upload, kinds=DOCUMENTS, by=by, at=at) if upload is not None else None
    return _close(condition, ConditionState.MET, evidence=evidence, file=file, by=by, at=at)


@transaction.atomic
def lift(*, condition: Condition, reason: str, by: User, at: datetime) -> Condition:
    """The condition need not be met any more. Raises NotPermitted or Refused."""
    permissions.check_may_impose(by)
    return _close(condition, ConditionState.LIFTED, evidence=reason, by=by, at=at)


def _close(
    condition: Condition,
    state: ConditionState,
    *,
    evidence: str,
    file: StoredFile | None = None,
    by: User,
    at: datetime,
) -> Condition:
    grant = lock(condition.grant)
    condition = Condition.objects.select_for_update().get(pk=condition.pk)
    policies.check_has_no_interest(by, grant.facility, timezone.localdate(at))
    policies.check_can_close(condition, why=evidence)
    condition.state, condition.evidence, condition.file = state, evidence, file
    condition.closed_by, condition.closed_at = by, at
    condition.save()
    facts = {"condition": condition.pk, "text": condition.text} | ({"file": file.sha256} if file else {})
    record_event(verb=f"{grant.noun}.condition_{state}", subject=grant, by=by, at=at, reason=evidence, facts=facts)
    return condition
