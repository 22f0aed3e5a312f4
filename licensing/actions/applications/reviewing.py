"""The review: somebody takes the application up, checks it, puts the site on the register, and signs."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from licensing.actions.applications.facts import carried, proposed
from licensing.actions.applications.letters import tell
from licensing.actions.applications.locking import lock, save
from licensing.actions.applications.signing import sign
from licensing.models import Application, ApplicationDocument
from licensing.permissions import applications as permissions
from licensing.policies import applications as policies
from licensing.states import ApplicationState, Part
from registry.accounts.models import User
from registry.actions import facilities
from registry.audit.actions import record as record_event
from registry.models import Facility
from registry.states import OperationalStatus


@transaction.atomic
def take_up(*, application: Application, seen: str | None = None, by: User, at: datetime) -> Application:
    """An application that nobody reviews is mine to review. Raises NotPermitted, or Refused where somebody has it."""
    application = lock(application, seen)
    permissions.check_may_take_up(by, application)
    if application.state != ApplicationState.UNDER_REVIEW or application.reviewer_id is not None:
        policies.check_can_become(application, ApplicationState.UNDER_REVIEW)
        policies.check_is_in(application, ApplicationState.SUBMITTED)
    first = application.state == ApplicationState.SUBMITTED
    application.state, application.reviewer = ApplicationState.UNDER_REVIEW, by
    save(application, "state", "reviewer", at=at)
    record_event(verb="application.taken_up", subject=application, by=by, at=at)
    if first:
        tell(application, "application.taken_up", deed="", due_on=application.due_on or "–", at=at)
    return application


@transaction.atomic
def release(
    *, application: Application, to: User | None = None, seen: str | None = None, by: User, at: datetime
) -> Application:
    """A colleague reviews the application from now on, or, without one, whoever takes it up.

    Raises NotPermitted, also where the colleague must not review it, or Refused.
    """
    application = lock(application, seen)
    permissions.check_may_hand_over(by, application)
    policies.check_is_in_review(application)
    if to is not None:
        permissions.check_may_take_up(to, application)
    elif application.state != ApplicationState.UNDER_REVIEW:
        policies.check_is_in(application, ApplicationState.UNDER_REVIEW)
    application.reviewer = to
    save(application, "reviewer", at=at)
    facts = {"to": to.get_username() if to else ""}
    record_event(verb="application.released", subject=application, by=by, at=at, facts=facts)
    return application


@transaction.atomic
def check_document(
    *, document: ApplicationDocument, accepted: bool, remark: str = "", by: User, at: datetime
) -> ApplicationDocument:
    """The reviewer says whether a document is in order. Raises NotPermitted or Refused."""
    application = lock(document.application)
    document = ApplicationDocument.objects.select_related("required").get(pk=document.pk)
    document.application = application
    permissions.check_may_work_on(by, application)
    policies.check_can_check_document(document, accepted=accepted, remark=remark)
    if (document.accepted, document.remark) == (accepted, remark):
        return document
    document.accepted, document.remark = accepted, remark
    document.checked_by, document.checked_at = by, at
    document.save(update_fields=["accepted", "remark", "checked_by", "checked_at"])
    save(application, at=at)
    record_event(
        verb="application.document_checked",
        subject=application,
        by=by,
        at=at,
        reason=remark,
        facts={"document": str(document), "accepted": accepted},
    )
    return document


@transaction.atomic
def check_documents(
    *,
    application: Application,
    verdicts: Mapping[ApplicationDocument, tuple[bool, str]],
    seen: str | None = None,
    by: User,
    at: datetime,
) -> Application:
    """As `check_document`, for the whole list at once: in order or not, and the remark."""
    application = lock(application, seen)
    permissions.check_may_work_on(by, application)
    for document, (accepted, remark) in verdicts.items():
        check_document(document=document, accepted=accepted, remark=remark, by=by, at=at)
    return application


@transaction.atomic
def register_site(*, application: Application, seen: str | None = None, by: User, at: datetime) -> Application:
    """The proposed site enters the register as one that is not open yet; one that moves stays what else it is.

    Raises NotPermitted, or Refused where it is there already or the facts cannot stand together.
    """
    application = lock(application, seen)
    permissions.check_may_work_on(by, application)
    policies.check_can_place(application)
    moves = carried(application.concerns.facility) if application.concerns is not None else {}
    facts = moves | proposed(application.proposal) | {"operator": application.operator}
    facility = facilities.register(facts=facts, status=OperationalStatus.PLANNED, by=by, at=at)
    policies.check_can_link(application, facility)
    return _place(application, facility, by=by, at=at)


@transaction.atomic
def link_site(
    *, application: Application, facility: Facility, seen: str | None = None, by: User, at: datetime
) -> Application:
    """The application is about this facility, which is on the register. Raises NotPermitted or Refused."""
    application = lock(application, seen)
    permissions.check_may_work_on(by, application)
    policies.check_can_link(application, facility)
    return _place(application, facility, by=by, at=at)


def _place(application: Application, facility: Facility, *, by: User, at: datetime) -> Application:
    application.facility = facility
    save(application, "facility", at=at)
    facts = {"facility": facility.number}
    record_event(verb="application.placed", subject=application, by=by, at=at, facts=facts)
    return application


@transaction.atomic
def finish(*, application: Application, note: str = "", seen: str | None = None, by: User, at: datetime) -> Application:
    """The review is signed; somebody else recommends. Raises NotPermitted, or Refused where something is missing."""
    application = lock(application, seen)
    permissions.check_may_sign(by, application, Part.REVIEW)
    policies.check_can_finish(application, today=timezone.localdate(at))
    sign(application, Part.REVIEW, note=note, by=by, at=at)
    application.state = ApplicationState.REVIEWED
    save(application, "state", at=at)
    record_event(verb="application.reviewed", subject=application, by=by, at=at, reason=note)
    return application
