"""Against a refusal: the appeal is heard by somebody who had no part in it."""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from licensing.actions.applications import clock
from licensing.actions.applications.letters import tell
from licensing.actions.applications.locking import lock, save
from licensing.models import Appeal, Application
from licensing.permissions import applications as permissions
from licensing.policies import decisions as policies
from licensing.states import AppealOutcome, ApplicationState
from registry.accounts.models import User
from registry.audit.actions import record as record_event


@transaction.atomic
def lodge(
    *,
    application: Application,
    grounds: str,
    lodged_on: date | None = None,
    seen: str | None = None,
    by: User,
    at: datetime,
) -> Appeal:
    """The applicant does not accept the refusal; `lodged_on` is the day on a letter that an officer enters.

    Raises NotPermitted, or Refused where it comes too late or a second time.
    """
    application = lock(application, seen)
    permissions.check_may_speak_for_applicant(by, application)
    today = timezone.localdate(at)
    lodged_on = lodged_on or today
    policies.check_can_lodge(application, grounds=grounds, lodged_on=lodged_on, today=today)
    appeal = Appeal.objects.create(
        application=application,
        grounds=grounds,
        lodged_on=lodged_on,
        lodged_by=by,
        due_on=clock.working_days_after(lodged_on, application.terms.target_days),  # type: ignore[union-attr]
    )
    save(application, at=at)
    facts = {"lodged_on": lodged_on.isoformat(), "due_on": appeal.due_on.isoformat()}
    record_event(verb="application.appealed", subject=application, by=by, at=at, reason=grounds, facts=facts)
    return appeal


@transaction.atomic
def uphold(*, appeal: Appeal, reason: str, seen: str | None = None, by: User, at: datetime) -> Appeal:
    """The refusal falls: the review is done again, with a new clock. Raises NotPermitted or Refused."""
    appeal = _decide(appeal, AppealOutcome.UPHELD, reason=reason, seen=seen, by=by, at=at)
    application = appeal.application
    application.state, application.opinion, application.opinion_text = ApplicationState.UNDER_REVIEW, "", ""
    application.appeal_until = None
    clock.start(application, at=at)
    save(application, "state", "opinion", "opinion_text", "appeal_until", *clock.FIELDS, at=at)
    return appeal


@transaction.atomic
def dismiss(*, appeal: Appeal, reason: str, seen: str | None = None, by: User, at: datetime) -> Appeal:
    """The refusal stands. Raises NotPermitted or Refused."""
    return _decide(appeal, AppealOutcome.DISMISSED, reason=reason, seen=seen, by=by, at=at)


def _decide(appeal: Appeal, outcome: AppealOutcome, *, reason: str, seen: str | None, by: User, at: datetime) -> Appeal:
    application = lock(appeal.application, seen)
    appeal = Appeal.objects.get(pk=appeal.pk)
    appeal.application = application
    permissions.check_may_hear(by, application)
    policies.check_can_decide_appeal(appeal, reason=reason)
    appeal.outcome, appeal.reason, appeal.decided_at, appeal.decided_by = outcome, reason, at, by
    appeal.save(update_fields=["outcome", "reason", "decided_at", "decided_by"])
    save(application, at=at)
    record_event(verb=f"application.appeal_{outcome}", subject=application, by=by, at=at, reason=reason)
    tell(application, f"application.appeal_{outcome}", deed=appeal.pk, reason=reason, at=at)
    return appeal
