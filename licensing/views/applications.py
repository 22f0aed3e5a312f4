"""Applications: the list, and one of them as everybody sees it who may."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from licensing.filters import ApplicationFilter
from licensing.models import Application
from licensing.permissions.applications import check_may_see_the_queue
from licensing.permissions.applying import check_may_apply
from licensing.reports import applications as reports
from licensing.reports import desk, fees
from licensing.states import ApplicationState
from registry.accounts.states import Role
from registry.core.errors import passes
from registry.files.models import StoredFile
from registry.files.views import send
from registry.ui.html import link
from registry.ui.lists import Column, ListAction, ListPage

BUTTONS = {
    "tasks": (gettext_lazy("Go on with the application"), ""),
    "change": (gettext_lazy("Change the application"), "secondary"),
    "answer": (gettext_lazy("Answer the question"), ""),
    "appeal": (gettext_lazy("Appeal against the refusal"), ""),
    "withdraw": (gettext_lazy("Withdraw the application"), "secondary"),
}
PAGES = {"change": "tasks"}


def address(application: Application) -> str:
    return reverse("application-detail", args=[application.number])


def site_of(application: Application) -> Any:
    """The facility, or what the new one is to be called."""
    names = [application.proposal.get(name, "") for name in ("name_km", "name_en")]
    return application.facility or next(filter(None, names), "")


class ApplicationList(ListPage):
    model = Application
    title = gettext_lazy("Applications")
    filterset_class = ApplicationFilter
    default_sort = "-created_at"
    empty_state = gettext_lazy("There is no application yet.")
    empty_advice = gettext_lazy("Operators apply in their own accounts; the staff enters what comes on paper.")
    columns: ClassVar[Sequence[Column]] = (
        Column("number", gettext_lazy("Reference number"), sort="number", link=address),
        Column("kind", gettext_lazy("Kind")),
        Column("operator", gettext_lazy("Operator")),
        Column("site", gettext_lazy("Facility"), value=site_of),
        Column("facility_number", gettext_lazy("Facility number"), value="facility.number", page=False),
        Column("type", gettext_lazy("Licence type"), page=False),
        Column("state", gettext_lazy("State"), kind="tag"),
        Column(
            "submitted_at",
            gettext_lazy("Handed in"),
            value=lambda application: application.submitted_at and timezone.localdate(application.submitted_at),
            kind="date",
        ),
        Column("due_on", gettext_lazy("Decision due on"), sort=("state", "due_on"), kind="date"),
        Column(
            "created_at",
            gettext_lazy("Begun on"),
            value=lambda application: timezone.localdate(application.created_at),
            sort="created_at",
            kind="date",
            page=False,
        ),
    )

    def queryset_for(self, user: Any) -> QuerySet[Application]:
        return super().queryset_for(user).select_related("operator", "facility", "type")

    def actions_for(self, user: Any) -> list[ListAction]:
        if getattr(user, "role", "") == Role.OPERATOR and passes(check_may_apply, user):
            return [ListAction(reverse("application-start"), _("Start an application"))]
        queue = (
            [ListAction(reverse("application-queue"), _("My queue"))] if passes(check_may_see_the_queue, user) else []
        )
        return [*queue, ListAction(reverse("appeal-list"), _("Appeals"))]


@login_required
def detail(request: HttpRequest, number: str) -> HttpResponse:
    application = visible_application(request, number)
    today = timezone.localdate()
    steps = reports.steps_open_to(request.user, application, today)
    context = {
        "application": application,
        "summary": list(reports.summary(application)),
        "steps": [
            (reverse(f"application-{PAGES.get(step, step)}", args=[application.number]), *BUTTONS[step])
            for step in steps
        ],
        "proposed": reports.proposed(application),
        "wishes": [(_("Wanted from"), application.begins_on), (_("Note"), application.note)],
        "services": [asked.service for asked in application.asked_services.select_related("service").order_by("pk")],
        "documents": [document_row(application, document) for document in reports.documents(application)],
        "document_columns": [_("Document"), _("File"), _("Handed in"), _("Review")],
        "queries": application.queries.select_related("asked_by").order_by("-asked_at"),
        "invoices": fees.of_application(request.user, application, today=today),
        "appeals": application.appeals.order_by("-pk"),
        "refused": application.state == ApplicationState.REFUSED,
        "granted": [
            *(link("licence-detail", licence.number, text=licence.number) for licence in application.licences.all())
        ],
        "reasons": application.refusal_reasons.order_by("code"),
        "desk": desk.context(request.user, application, today),
        "is_staff": request.user.role != Role.OPERATOR,  # type: ignore[union-attr]
        "events": reports.history(application),
        "breadcrumbs": breadcrumbs(application),
    }
    return render(request, "licensing/application_detail.html", context)


def document_row(application: Application, document: Any) -> list[Any]:
    checked = {None: "", True: _("In order"), False: f"{_('Not in order')}: {document.remark}"}[document.accepted]
    file = link("application-file", application.number, document.file.sha256, text=document.file.name or _("File"))
    return [str(document), file, timezone.localdate(document.added_at), checked]


@login_required
def file(request: HttpRequest, number: str, sha256: str) -> HttpResponseBase:
    """The bytes of a document of this application, for whoever sees it; `?small` for a small picture."""
    application = get_object_or_404(Application.objects.visible_to(request.user).only("pk"), number=number)
    files = StoredFile.objects.filter(pk__in=application.documents.values("file"))
    return send(request, get_object_or_404(files, sha256=sha256), small="small" in request.GET)


def visible_application(request: HttpRequest, number: str) -> Application:
    visible = Application.objects.visible_to(request.user).select_related(
        *("type", "terms", "operator", "created_by", "submitted_by", "reviewer", "visit"),
        *("facility__type", "facility__province", "facility__operator", "concerns__type", "concerns__facility"),
    )
    application: Application = get_object_or_404(visible, number=number)
    return application


def breadcrumbs(application: Application, *more: tuple[Any, str]) -> list[tuple[Any, str]]:
    here = address(application) if more else ""
    return [(ApplicationList.title, reverse("application-list")), (application.number, here), *more]
