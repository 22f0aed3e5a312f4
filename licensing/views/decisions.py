"""After the review, each step by somebody else: recommendation, decision, countersignature; and the appeals."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from licensing.actions.applications import appeals, deciding
from licensing.filters import AppealFilter
from licensing.forms.reviewing import NoteForm, RecommendForm, RefuseForm, WhyForm
from licensing.models import Appeal, Application
from licensing.permissions.applications import check_may_hear
from licensing.policies.decisions import check_has_open_appeal, is_countersigned
from licensing.reports.desk import VERBS, signatures
from licensing.states import ApplicationState
from licensing.views.applications import visible_application
from licensing.views.desk import DeskStep, run
from registry.ui.lists import Column, ListPage


def _grant(application: Application) -> str:
    if is_countersigned(application):
        return _("Another approver countersigns it. Then the licence is there.")
    return _("The licence is there at once, with its certificate. The register changes with it.")


STEPS = {
    "recommend": DeskStep(
        act=deciding.recommend,
        form=RecommendForm,
        question=gettext_lazy("What do you recommend?"),
        consequence=lambda application: _("Somebody else decides. You sign nothing else of this application."),
        done=gettext_lazy("The recommendation is signed."),
    ),
    "approve": DeskStep(
        act=deciding.approve,
        form=NoteForm,
        question=gettext_lazy("Grant this application?"),
        consequence=_grant,
        done=gettext_lazy("It is decided to grant the application."),
    ),
    "countersign": DeskStep(
        act=deciding.countersign,
        form=NoteForm,
        question=gettext_lazy("Countersign?"),
        consequence=lambda application: _(
            "The licence is there at once, with its certificate. The register changes with it."
        ),
        done=gettext_lazy("The application is granted."),
    ),
    "refuse": DeskStep(
        act=deciding.refuse,
        form=RefuseForm,
        question=gettext_lazy("Refuse this application?"),
        consequence=lambda application: (
            _("The applicant is told the reasons and your explanation, and can appeal for %(days)s working days.")
            % {"days": application.terms.appeal_days if application.terms else 0}
        ),
        done=gettext_lazy("The application is refused."),
        is_grave=True,
    ),
    "send-back": DeskStep(
        act=deciding.send_back,
        form=WhyForm,
        question=gettext_lazy("Send it back to the review?"),
        consequence=lambda application: _("The review is done again, and everybody signs anew."),
        done=gettext_lazy("The application is under review again."),
    ),
    "uphold": DeskStep(
        noun="appeal",
        act=appeals.uphold,
        form=WhyForm,
        question=gettext_lazy("Uphold this appeal?"),
        consequence=lambda application: _(
            "The refusal falls. The application is under review again, with a new clock."
        ),
        done=gettext_lazy("The appeal is upheld."),
    ),
    "dismiss": DeskStep(
        noun="appeal",
        act=appeals.dismiss,
        form=WhyForm,
        question=gettext_lazy("Dismiss this appeal?"),
        consequence=lambda application: _("The refusal stands. This cannot be undone."),
        done=gettext_lazy("The appeal is dismissed."),
        is_grave=True,
    ),
}


@login_required
def take(request: HttpRequest, number: str, verb: str) -> HttpResponse:
    application = visible_application(request, number)
    step = STEPS[verb]
    thing, reasons = None, list(_said(application))
    if step.noun == "appeal":
        check_may_hear(request.user, application)
        check_has_open_appeal(application)
        thing = application.appeals.get(decided_at=None)
        reasons = [thing.grounds]
    return run(request, application, VERBS[verb], step, thing=thing, reasons=reasons)


def _said(application: Application) -> list[str]:
    """Who signed what until now, and what they said."""
    said = [
        f"{part}: {person}" + (f". {note}" if note else "")
        for part, person, _at, note in signatures(application, only_counting=True)
    ]
    if application.opinion and application.state in (ApplicationState.RECOMMENDED, ApplicationState.APPROVED):
        said.append(f"{application.get_opinion_display()}: {application.opinion_text}")
    return said


def _application(appeal: Appeal) -> str:
    return reverse("application-detail", args=[appeal.application.number])


class AppealList(ListPage):
    """Against refusals; those that wait come first."""

    model = Appeal
    filterset_class = AppealFilter
    title = gettext_lazy("Appeals")
    lead = gettext_lazy("An appeal is heard by an approver who signed nothing of the application.")
    default_sort = "due_on"
    empty_state = gettext_lazy("Nobody has appealed.")
    columns = (
        Column("application", gettext_lazy("Application"), value="application.number", link=_application),
        Column("operator", gettext_lazy("Operator"), value="application.operator"),
        Column("lodged_on", gettext_lazy("Lodged on"), sort="lodged_on", kind="date"),
        Column("due_on", gettext_lazy("Decision due on"), sort=("decided_at", "due_on"), kind="date"),
        Column("outcome", gettext_lazy("Outcome"), kind="tag"),
        Column("decided_by", gettext_lazy("Decided by")),
        Column("grounds", gettext_lazy("Grounds"), page=False),
        Column("reason", gettext_lazy("Reason"), page=False),
    )

    def queryset_for(self, user: Any) -> QuerySet[Appeal]:
        return super().queryset_for(user).select_related("application__operator", "decided_by")
