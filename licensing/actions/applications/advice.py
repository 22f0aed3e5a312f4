"""What other departments and the councils say of an application."""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from licensing.actions.applications.locking import lock, save
from licensing.models import Advice, AdviceBody, Application
from licensing.permissions import applications as permissions
from licensing.policies import applications as policies
from registry.accounts.models import User
from registry.audit.actions import record as record_event


@transaction.atomic
def ask(
    *,
    application: Application,
    body: AdviceBody,
    due_on: date,
    question: str = "",
    seen: str | None = None,
    by: User,
    at: datetime,
) -> Advice:
    """An adviser is asked, and has until `due_on`. Raises NotPermitted or Refused."""
    application = lock(application, seen)
    permissions.check_may_work_on(by, application)
    policies.check_can_ask_for_advice(application, body, due_on=due_on, today=timezone.localdate(at))
    advice = Advice.objects.create(
        application=application, body=body, asked_at=at, asked_by=by, question=question, due_on=due_on
    )
    save(application, at=at)
    facts = {"body": body.code, "due_on": due_on.isoformat()}
    record_event(verb="application.advice_asked", subject=application, by=by, at=at, reason=question, facts=facts)
    return advice


@transaction.atomic
def give(*, advice: Advice, opinion: str, text: str = "", seen: str | None = None, by: User, at: datetime) -> Advice:
    """The reviewer enters what the adviser answered. Raises NotPermitted or Refused."""
    application = lock(advice.application, seen)
    advice = Advice.objects.select_related("body").get(pk=advice.pk)
    advice.application = application
    permissions.check_may_work_on(by, application)
    policies.check_can_give_advice(advice, opinion=opinion, text=text)
    advice.opinion, advice.text, advice.given_at, advice.entered_by = opinion, text, at, by
    advice.save(update_fields=["opinion", "text", "given_at", "entered_by"])
    save(application, at=at)
    facts = {"body": advice.body.code, "opinion": opinion}
    record_event(verb="application.advice_given", subject=application, by=by, at=at, reason=text, facts=facts)
    return advice
