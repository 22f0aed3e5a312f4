"""After the review: the recommendation, the decision, the countersignature, each by somebody else."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from licensing.actions.applications import clock
from licensing.actions.applications.granting import grant
from licensing.actions.applications.letters import tell
from licensing.actions.applications.locking import lock, save
from licensing.actions.applications.signing import sign
from licensing.models import Application, RefusalReason
from licensing.permissions import applications as permissions
from licensing.policies import decisions as policies
from licensing.states import NEXT_PART, ApplicationState, Part
from registry.accounts.models import User
from registry.audit.actions import record as record_event


@transaction.atomic
def recommend(
    *,
    application: Application,
    opinion: str,
    text: str,
    on_objections: str = "",
    seen: str | None = None,
    by: User,
    at: datetime,
) -> Application:
    """A second officer says whether to grant, and why. Raises NotPermitted, or Refused where it cannot be granted."""
    application = lock(application, seen)
    permissions.check_may_sign(by, application, Part.RECOMMENDATION)
    today = timezone.localdate(at)
    policies.check_can_recommend(application, opinion=opinion, text=text, on_objections=on_objections, today=today)
    sign(application, Part.RECOMMENDATION, note=on_objections, by=by, at=at)
    application.state = ApplicationState.RECOMMENDED
    application.opinion, application.opinion_text = opinion, text
    save(application, "state", "opinion", "opinion_text", at=at)
    facts = {"opinion": opinion}
    record_event(verb="application.recommended", subject=application, by=by, at=at, reason=text, facts=facts)
    return application


@transaction.atomic
def approve(
    *, application: Application, note: str = "", seen: str | None = None, by: User, at: datetime
) -> Application:
    """The decision to grant. A ministry's licence waits for the countersignature; a province's is there at once.

    Raises NotPermitted, or Refused where it is not paid for or not in order.
    """
    application = lock(application, seen)
    permissions.check_may_sign(by, application, Part.DECISION)
    waits = policies.is_countersigned(application)
    to = ApplicationState.APPROVED if waits else ApplicationState.GRANTED
    policies.check_can_approve(application, to=to, note=note, today=timezone.localdate(at))
    sign(application, Part.DECISION, note=note, by=by, at=at)
    record_event(verb="application.approved", subject=application, by=by, at=at, reason=note)
    if not waits:
        return grant(application, by=by, at=at)
    application.state = ApplicationState.APPROVED
    save(application, "state", at=at)
    return application


@transaction.atomic
def countersign(
    *, application: Application, note: str = "", seen: str | None = None, by: User, at: datetime
) -> Application:
    """A second approver of the ministry agrees, and the licence is there. Raises NotPermitted or Refused."""
    application = lock(application, seen)
    permissions.check_may_sign(by, application, Part.COUNTERSIGNATURE)
    policies.check_can_countersign(application, today=timezone.localdate(at))
    sign(application, Part.COUNTERSIGNATURE, note=note, by=by, at=at)
    record_event(verb="application.countersigned", subject=application, by=by, at=at, reason=note)
    return grant(application, by=by, at=at)


@transaction.atomic
def refuse(
    *,
    application: Application,
    reasons: Collection[RefusalReason],
    text: str,
    seen: str | None = None,
    by: User,
    at: datetime,
) -> Application:
    """The decision not to grant, on grounds of the catalogue, with the last day of an appeal.

    Raises NotPermitted, or Refused where no ground or no explanation is given.
    """
    application = lock(application, seen)
    permissions.check_may_sign(by, application, Part.DECISION)
    today = timezone.localdate(at)
    policies.check_can_refuse(application, reasons=reasons, text=text, today=today)
    sign(application, Part.DECISION, by=by, at=at)
    application.refusal_reasons.set(reasons)
    application.state, application.decided_at, application.refusal_text = ApplicationState.REFUSED, at, text
    application.appeal_until = clock.working_days_after(today, application.terms.appeal_days)  # type: ignore[union-attr]
    save(application, "state", "decided_at", "refusal_text", "appeal_until", at=at)
    facts = {"reasons": sorted(reason.code for reason in reasons), "appeal_until": str(application.appeal_until)}
    record_event(verb="application.refused", subject=application, by=by, at=at, reason=text, facts=facts)
    tell(
        application,
        "application.refused",
        deed=application.revision,
        reason=text,
        until=application.appeal_until,
        at=at,
    )
    return application


@transaction.atomic
def send_back(*, application: Application, reason: str, seen: str | None = None, by: User, at: datetime) -> Application:
    """Instead of signing: the review is done again, and everybody signs anew. Raises NotPermitted or Refused."""
    application = lock(application, seen)
    policies.check_can_send_back(application, reason=reason)
    permissions.check_may_sign(by, application, NEXT_PART[ApplicationState(application.state)])
    application.state = ApplicationState.UNDER_REVIEW
    save(application, "state", at=at)
    record_event(verb="application.sent_back", subject=application, by=by, at=at, reason=reason)
    return application
