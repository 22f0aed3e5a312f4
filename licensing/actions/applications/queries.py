"""A question to the applicant stops the clock of the authority; the answer starts it again."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from licensing.actions.applications import clock
from licensing.actions.applications.letters import tell
from licensing.actions.applications.locking import lock, save
from licensing.models import Application, ApplicationQuery
from licensing.permissions import applications as permissions
from licensing.permissions.applying import check_may_change
from licensing.policies import applications as policies
from licensing.policies.applying import check_can_answer
from licensing.policies.licences import terms_of
from licensing.states import ApplicationState
from registry.accounts.models import User
from registry.audit.actions import record as record_event


@transaction.atomic
def ask(*, application: Application, text: str, seen: str | None = None, by: User, at: datetime) -> ApplicationQuery:
    """The applicant is asked, and may change the application until the answer. Raises NotPermitted or Refused."""
    application = lock(application, seen)
    permissions.check_may_work_on(by, application)
    policies.check_can_ask(application, text=text)
    query = ApplicationQuery.objects.create(application=application, text=text, asked_at=at, asked_by=by)
    clock.stop(application, at=at)
    application.state = ApplicationState.QUERIED
    save(application, "state", *clock.FIELDS, at=at)
    record_event(
        verb="application.queried",
        subject=application,
        by=by,
        at=at,
        reason=text,
        facts={"days_left": application.days_left},
    )
    tell(application, "application.queried", deed=query.pk, question=text, at=at)
    return query


@transaction.atomic
def answer(*, application: Application, text: str, seen: str | None = None, by: User, at: datetime) -> ApplicationQuery:
    """The open question is answered; the review goes on, of the type of licence that is asked for now.

    Raises NotPermitted, or Refused where no question is open or something is missing.
    """
    application = lock(application, seen)
    check_may_change(by, application)
    type = check_can_answer(application, answer=text, on=timezone.localdate(at))
    if type != application.type and application.submitted_at is not None:
        application.type, application.terms = type, terms_of(type, timezone.localdate(application.submitted_at))
    query: ApplicationQuery = application.queries.get(answered_at=None)
    query.answer, query.answered_at, query.answered_by = text, at, by
    query.save(update_fields=["answer", "answered_at", "answered_by"])
    clock.run_on(application, at=at)
    application.state = ApplicationState.UNDER_REVIEW
    save(application, "state", "type", "terms", *clock.FIELDS, at=at)
    record_event(
        verb="application.answered",
        subject=application,
        by=by,
        at=at,
        reason=text,
        facts={"due_on": str(application.due_on or "")},
    )
    return query
