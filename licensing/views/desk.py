"""The desk: my queue, and the review of one application step by step."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from licensing.actions.applications import advice, queries, reviewing, visiting
from licensing.filters import QueueFilter
from licensing.forms.reviewing import (
    AdviceForm,
    AskAdviceForm,
    DeskForm,
    DocumentsForm,
    LinkForm,
    NoteForm,
    QuestionForm,
    ReleaseForm,
    VisitForm,
)
from licensing.models import Advice, Application
from licensing.permissions.applications import check_may_see_the_queue
from licensing.reports import applications as reports
from licensing.reports.desk import GIVES_ADVICE, VERBS, Verb, similar_sites
from licensing.views.applications import ApplicationList, address, breadcrumbs, visible_application
from registry.core.errors import Refused
from registry.ui.html import link
from registry.ui.lists import Column


class ApplicationQueue(ApplicationList):
    """What waits for this person, the one that is due first."""

    title = gettext_lazy("My queue of applications")
    lead = gettext_lazy("What you review, what nobody reviews yet and what waits for your signature, due first.")
    filterset_class = QueueFilter
    default_sort = "due_on"
    columns = (
        *(column for column in ApplicationList.columns if column.name not in ("due_on", "created_at", "type")),
        Column("reviewer", gettext_lazy("Reviewer")),
        Column("due_on", gettext_lazy("Decision due on"), sort="due_on", kind="date"),
    )
    empty_state = gettext_lazy("No application waits for you.")
    empty_advice = gettext_lazy("What others review or sign is in the list of all applications.")

    def check_may_see(self, user: Any) -> None:
        check_may_see_the_queue(user)

    def queryset_for(self, user: Any) -> QuerySet[Application]:
        waiting = super().queryset_for(user).waiting_for(user)  # type: ignore[attr-defined]
        return waiting.select_related("operator", "facility", "type", "reviewer")

    def actions_for(self, user: Any) -> list[Any]:
        return []


@dataclass(frozen=True)
class DeskStep:
    """One verb of `reports.desk.VERBS`: what its page asks and says, and the action behind it."""

    act: Callable[..., Any]
    form: type[DeskForm]
    question: Any
    consequence: Callable[[Application], str]
    done: Any
    is_grave: bool = False
    noun: str = "application"


def run(
    request: HttpRequest,
    application: Application,
    verb: Verb,
    step: DeskStep,
    *,
    thing: Any = None,
    reasons: Sequence[str] = (),
    form_options: Mapping[str, Any] | None = None,
    template: str = "ui/step.html",
    **context: Any,
) -> HttpResponse:
    """Ask, then act and go back to the application. Somebody else's faster deed comes back with what was typed.

    What may not be offered is not shown (403, 409); what was sent is judged by the action alone, so that nothing typed
    is lost. `thing` is what the action is about, where it is not the application itself.
    """
    options = {"application": application, "user": request.user, **(form_options or {})}
    status = 200
    if request.method == "POST":
        form = step.form(request.POST, **options)
        if form.is_valid():
            subject = {step.noun: application if thing is None else thing}
            try:
                step.act(**subject, **form.cleaned_data, by=request.user, at=timezone.now())
            except Refused as refusal:
                form.add_error(None, refusal.sentence)
                application.refresh_from_db()
                form.look_again(application)
                status = 409
            else:
                messages.success(request, str(step.done))
                return redirect(address(application))
    else:
        verb.check(request.user, application)
        form = step.form(**options)
    title = verb.text
    return render(
        request,
        template,
        {
            "thing": application,
            "step": {"title": title, "question": step.question, "is_grave": step.is_grave},
            "consequence": step.consequence(application),
            "reasons": reasons,
            "form": form,
            "cancel": address(application),
            "facts": list(reports.summary(application)),
            "breadcrumbs": breadcrumbs(application, (title, "")),
            **context,
        },
        status=status,
    )


STEPS = {
    "take-up": DeskStep(
        act=reviewing.take_up,
        form=DeskForm,
        question=gettext_lazy("Review this application?"),
        consequence=lambda application: _("You review it from now on, and sign nothing else of it."),
        done=gettext_lazy("The application is yours to review."),
    ),
    "release": DeskStep(
        act=reviewing.release,
        form=ReleaseForm,
        question=gettext_lazy("Give this application to somebody else?"),
        consequence=lambda application: _("Somebody else goes on with the review. What is done so far stays."),
        done=gettext_lazy("The application is given on."),
    ),
    "ask": DeskStep(
        act=queries.ask,
        form=QuestionForm,
        question=gettext_lazy("Ask the applicant?"),
        consequence=lambda application: _(
            "The clock of the authority stands still until the answer. Until then the applicant may change the"
            " application."
        ),
        done=gettext_lazy("The question is sent."),
    ),
    "ask-advice": DeskStep(
        act=advice.ask,
        form=AskAdviceForm,
        question=gettext_lazy("Ask for advice?"),
        consequence=lambda application: _("The review can be signed when the advice is there or its day has passed."),
        done=gettext_lazy("The adviser is asked."),
    ),
    "visit": DeskStep(
        act=visiting.request,
        form=VisitForm,
        question=gettext_lazy("Request a visit?"),
        consequence=lambda application: _(
            "The province finds the visit in its plan and says who goes. Who visits signs nothing of this application."
        ),
        done=gettext_lazy("The visit is requested."),
    ),
    "read-visit": DeskStep(
        act=visiting.read_result,
        form=DeskForm,
        question=gettext_lazy("Go on with the review?"),
        consequence=lambda application: _("The result of the visit is read, and the review goes on."),
        done=gettext_lazy("The result of the visit is read."),
    ),
    "finish": DeskStep(
        act=reviewing.finish,
        form=NoteForm,
        question=gettext_lazy("Sign the review?"),
        consequence=lambda application: _("You answer for the review. Somebody else recommends."),
        done=gettext_lazy("The review is signed."),
    ),
}
GIVE_ADVICE = DeskStep(
    noun="advice",
    act=advice.give,
    form=AdviceForm,
    question=gettext_lazy("Enter the advice?"),
    consequence=lambda application: _("Write what the adviser answered, in the adviser's words."),
    done=gettext_lazy("The advice is entered."),
)
REGISTER = DeskStep(
    act=reviewing.register_site,
    form=DeskForm,
    question=gettext_lazy("Register the site?"),
    consequence=lambda application: _("The site enters the register as one that is not open yet."),
    done=gettext_lazy("The site is on the register."),
)
LINK = DeskStep(
    act=reviewing.link_site,
    form=LinkForm,
    question=gettext_lazy("Is it this facility?"),
    consequence=lambda application: _("The application is about a facility that is on the register."),
    done=gettext_lazy("The site is on the register."),
)
DOCUMENTS = DeskStep(
    act=reviewing.check_documents,
    form=DocumentsForm,
    question=gettext_lazy("Check the documents"),
    consequence=lambda application: _(
        "Say of each document whether it is in order. What is not in order can be asked of the applicant."
    ),
    done=gettext_lazy("The documents are checked."),
)


@login_required
def take(request: HttpRequest, number: str, verb: str) -> HttpResponse:
    return run(request, visible_application(request, number), VERBS[verb], STEPS[verb])


@login_required
def give_advice(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    application = visible_application(request, number)
    one = get_object_or_404(Advice.objects.select_related("body"), application=application, pk=pk)
    return run(
        request,
        application,
        GIVES_ADVICE,
        GIVE_ADVICE,
        thing=one,
        reasons=[f"{one.body}: {one.question}" if one.question else str(one.body)],
    )


@login_required
def check_documents(request: HttpRequest, number: str) -> HttpResponse:
    application = visible_application(request, number)
    return run(
        request,
        application,
        VERBS["check-documents"],
        DOCUMENTS,
        form_options={"documents": reports.documents(application)},
        template="licensing/application_desk_documents.html",
        documents=[
            link("application-file", application.number, document.file.sha256, text=document)
            for document in reports.documents(application)
        ],
    )


@login_required
def place(request: HttpRequest, number: str) -> HttpResponse:
    """Two ways onto the register: as a new site, or as a facility that is there; who looks like it is shown."""
    application = visible_application(request, number)
    links = "facility" in request.POST
    other = (REGISTER if links else LINK).form(application=application, user=request.user)
    return run(
        request,
        application,
        VERBS["place"],
        LINK if links else REGISTER,
        template="licensing/application_desk_place.html",
        other=other,
        links=links,
        proposed=reports.proposed(application),
        similar=[
            [link("facility-detail", site.number, text=site), site.number, site.type, site.operator or "", site.address]
            for site in similar_sites(request.user, application)
        ],
        similar_columns=[_("Facility"), _("Facility number"), _("Type"), _("Operator"), _("Address")],
    )
