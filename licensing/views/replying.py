"""What the applicant does once an application is handed in: withdraw it, answer, appeal."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from licensing.actions.applications import appeals, queries, withdrawing
from licensing.forms import ReasonForm
from licensing.forms.applying import (
    AnswerForm,
    AppealForm,
)
from licensing.models import Application
from licensing.permissions.applications import check_may_speak_for_applicant
from licensing.permissions.applying import check_may_change
from licensing.policies import applying as policies
from licensing.policies.decisions import check_can_lodge
from licensing.reports import applications as reports
from licensing.views.applications import address, breadcrumbs, visible_application
from licensing.views.applying import changeable
from registry.core.errors import Refused
from registry.ui import steps

WITHDRAW = steps.Step(
    noun="application",
    act=withdrawing.withdraw,
    check=check_may_change,
    form=ReasonForm,
    title=gettext_lazy("Withdraw the application"),
    question=gettext_lazy("Withdraw this application?"),
    consequence=lambda application: _("Nothing more happens with it. This cannot be undone; you can apply anew."),
    done=gettext_lazy("The application is withdrawn."),
)


@login_required
def handed_in(request: HttpRequest, number: str) -> HttpResponse:
    """The reference number, and what happens next."""
    application = visible_application(request, number)
    if application.submitted_at is None:
        return redirect("application-tasks", number)
    context = {
        "application": application,
        "invoice": application.invoices.order_by("-pk").first(),
        "address": address(application),
        "breadcrumbs": breadcrumbs(application, (_("Handed in"), "")),
    }
    return render(request, "licensing/application_handed_in.html", context)


@login_required
def withdraw(request: HttpRequest, number: str) -> HttpResponse:
    application = visible_application(request, number)
    return steps.take(
        request,
        application,
        WITHDRAW,
        address=address(application),
        facts=list(reports.summary(application)),
        breadcrumbs=breadcrumbs(application, (_("Withdraw the application"), ""))[:-1],
    )


@login_required
def answer(request: HttpRequest, number: str) -> HttpResponse:
    """The question, and its answer. Documents and facts are changed on their own pages before."""
    application = changeable(request, number)
    query = get_object_or_404(application.queries, answered_at=None)

    def act(text: str) -> None:
        queries.answer(application=application, text=text, by=request.user, at=timezone.now())  # type: ignore[arg-type]

    extra = {"query": query, "lacking": policies.missing(application, timezone.localdate())}
    return _say(request, application, AnswerForm, "answer", act, _("Your answer is with the authority."), extra)


@login_required
def appeal(request: HttpRequest, number: str) -> HttpResponse:
    application = visible_application(request, number)
    check_may_speak_for_applicant(request.user, application)
    today = timezone.localdate()
    check_can_lodge(application, grounds="-", lodged_on=today, today=today)

    def act(grounds: str) -> None:
        appeals.lodge(application=application, grounds=grounds, by=request.user, at=timezone.now())  # type: ignore[arg-type]

    extra = {"reasons": application.refusal_reasons.order_by("code")}
    return _say(request, application, AppealForm, "appeal", act, _("Your appeal is with the authority."), extra)


def _say(
    request: HttpRequest,
    application: Application,
    form_class: type[AnswerForm] | type[AppealForm],
    what: str,
    act: Callable[..., None],
    done: str,
    extra: dict[str, Any],
) -> HttpResponse:
    """A text to the authority; it is kept on the page where it is refused."""
    form, status = form_class(request.POST if request.method == "POST" else None), 200
    if form.is_valid():
        try:
            act(**form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
            status = 409
        else:
            messages.success(request, done)
            return redirect(address(application))
    title = _("Answer the question") if what == "answer" else _("Appeal against the refusal")
    context = {
        "application": application,
        "form": form,
        "title": title,
        "cancel": address(application),
        "breadcrumbs": breadcrumbs(application, (title, "")),
        **extra,
    }
    return render(request, f"licensing/application_{what}.html", context, status=status)
