"""The pages of a draft: its tasks, each part, the documents, and the answers to check."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from licensing.actions.applications import documents, drafting, handing_in
from licensing.forms.applying import (
    DeclarationForm,
    DocumentForm,
    PartForm,
    ProposalForm,
    ServicesForm,
    WishesForm,
)
from licensing.models import Application
from licensing.permissions.applying import check_may_change
from licensing.policies import applying as policies
from licensing.reports import applications as reports
from licensing.rules import proposals
from licensing.states import ApplicationKind, ApplicationState
from licensing.views.applications import breadcrumbs, visible_application
from registry.core.errors import Refused

OTHER = "other"
"""In addresses: a document that no terms ask for."""


@login_required
def tasks(request: HttpRequest, number: str) -> HttpResponse:
    application = changeable(request, number)
    found = reports.tasks(application, timezone.localdate())
    context = {
        "application": application,
        "tasks": [(task, reverse(f"application-{task.part}", args=[number])) for task in found],
        "whole": not any(task.sentences for task in found),
        "left": sum(bool(task.sentences) for task in found),
        "query": application.queries.filter(answered_at=None).first(),
        "breadcrumbs": breadcrumbs(application, (_("What is to be done"), "")),
    }
    return render(request, "licensing/application_tasks.html", context)


@login_required
def proposal(request: HttpRequest, number: str) -> HttpResponse:
    application = changeable(request, number)
    wanted = proposals.asked(application.kind, registered=application.facility_id is not None)
    if not wanted.fields:
        raise Http404
    form = ProposalForm(
        request.POST if request.method == "POST" else None, application=application, wanted=wanted, user=request.user
    )

    def save() -> Application:
        return drafting.propose(
            application=application,
            proposal=form.proposal,
            seen=form.cleaned_data["seen"],
            by=request.user,  # type: ignore[arg-type]
            at=timezone.now(),
        )

    return _part(
        request,
        application,
        "proposal",
        form,
        save if form.checked else None,
        seen=lambda now: proposals.fingerprint(now.proposal),
        meanwhile=reports.proposed,
    )


@login_required
def services(request: HttpRequest, number: str) -> HttpResponse:
    application = changeable(request, number)
    if not proposals.asked(application.kind, registered=application.facility_id is not None).services:
        raise Http404
    chosen = list(application.asked_services.values_list("service__code", flat=True))
    initial = {"services": chosen, "seen": drafting.services_of(application)}
    form = ServicesForm(request.POST if request.method == "POST" else None, initial=initial)

    def save() -> Application:
        return drafting.ask_for(
            application=application,
            services=form.cleaned_data["services"],
            seen=form.cleaned_data["seen"],
            by=request.user,  # type: ignore[arg-type]
            at=timezone.now(),
        )

    return _part(
        request,
        application,
        "services",
        form,
        save,
        seen=drafting.services_of,
        meanwhile=lambda now: [(_("Services"), ", ".join(str(one.service) for one in now.asked_services.all()))],
    )


@login_required
def wishes(request: HttpRequest, number: str) -> HttpResponse:
    application = changeable(request, number)
    initial = {
        "begins_on": application.begins_on,
        "note": application.note,
        "seen": drafting.wishes_of(application),
    }
    form = WishesForm(request.POST if request.method == "POST" else None, initial=initial)
    if application.kind == ApplicationKind.SURRENDER:
        form.fields["begins_on"].label = _("First day without the licence")

    def save() -> Application:
        return drafting.wish(application=application, **form.cleaned_data, by=request.user, at=timezone.now())  # type: ignore[arg-type]

    return _part(
        request,
        application,
        "wishes",
        form,
        save,
        seen=drafting.wishes_of,
        meanwhile=lambda now: [(_("Wanted from"), now.begins_on), (_("Note"), now.note)],
    )


def _part(
    request: HttpRequest,
    application: Application,
    part: str,
    form: PartForm,
    save: Callable[[], Application] | None,
    *,
    seen: Callable[[Application], str],
    meanwhile: Callable[[Application], list[tuple[Any, Any]]],
) -> HttpResponse:
    """The page of one part. What was typed is kept whatever happens; what somebody else wrote stands beside it."""
    status, others = 200, []
    if save is not None and form.is_valid():
        try:
            save()
        except Refused as refusal:
            status = 409
            form.add_error(None, refusal.sentence)
            if refusal.code == "changed_meanwhile":
                now = visible_application(request, application.number)
                form.renew(seen(now))
                others = meanwhile(now)
        else:
            return redirect(_next(request, application))
    context = {
        "application": application,
        "form": form,
        "title": reports.title_of_part(part, application),
        "meanwhile": others,
        "cancel": _next(request, application),
        "breadcrumbs": _of_tasks(application, reports.title_of_part(part, application)),
    }
    return render(request, f"licensing/application_{part}.html", context, status=status)


@login_required
def documents_page(request: HttpRequest, number: str) -> HttpResponse:
    application = changeable(request, number)
    asked = reports.documents_asked(application, timezone.localdate())
    shown = {document.pk for _required, document in asked if document}
    context = {
        "application": application,
        "asked": asked,
        "others": [document for document in reports.documents(application) if document.pk not in shown],
        "cancel": _next(request, application),
        "breadcrumbs": _of_tasks(application, _("Documents")),
    }
    return render(request, "licensing/application_documents.html", context)


@login_required
def document(request: HttpRequest, number: str, code: str) -> HttpResponse:
    """Hand in one document, or another one in its place."""
    application = changeable(request, number)
    required = next(
        (one for one in policies.documents_asked(application, timezone.localdate()) if one.code == code), None
    )
    if required is None and code != OTHER:
        raise Http404
    form = DocumentForm(
        *((request.POST, request.FILES) if request.method == "POST" else (None, None)), titled=required is None
    )
    status = 200
    if form.is_valid():
        try:
            documents.add(
                application=application,
                required=required,
                **form.cleaned_data,
                by=request.user,  # type: ignore[arg-type]
                at=timezone.now(),
            )
        except Refused as refusal:
            form.add_error("upload", refusal.sentence)
            status = 409
        else:
            messages.success(request, _("The document is kept."))
            return redirect("application-documents", number)
    title = required or _("Another document")
    context = {
        "application": application,
        "form": form,
        "title": title,
        "present": next((one for one in reports.documents(application) if required and one.required == required), None),
        "cancel": reverse("application-documents", args=[number]),
        "breadcrumbs": [
            *_of_tasks(application, _("Documents"), reverse("application-documents", args=[number])),
            (title, ""),
        ],
    }
    return render(request, "licensing/application_document.html", context, status=status)


@login_required
@require_POST
def document_remove(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    application = changeable(request, number)
    found = get_object_or_404(application.documents.select_related("application", "required", "file"), pk=pk)
    documents.remove(document=found, by=request.user, at=timezone.now())  # type: ignore[arg-type]
    messages.success(request, _("The document is removed."))
    return redirect("application-documents", number)


@login_required
def check(request: HttpRequest, number: str) -> HttpResponse:
    """All the answers with the ways to change them, the declaration, and handing in."""
    application = changeable(request, number)
    if application.state != ApplicationState.DRAFT:
        return redirect("application-tasks", number)
    form = DeclarationForm(
        request.POST if request.method == "POST" else None,
        initial={"revision": application.revision, "declared_by_name": request.user.get_full_name()},  # type: ignore[union-attr]
    )
    status = 200
    if form.is_valid():
        try:
            handing_in.hand_in(
                application=application,
                revision=form.cleaned_data["revision"],
                declared_by_name=form.cleaned_data["declared_by_name"],
                by=request.user,  # type: ignore[arg-type]
                at=timezone.now(),
            )
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
            form.data["revision"] = str(application.revision)  # type: ignore[index]
            status = 409
        else:
            return redirect("application-handed-in", number)
    today = timezone.localdate()
    found = reports.tasks(application, today)
    terms = policies.terms_for(application, today)
    context = {
        "application": application,
        "form": form,
        "about": list(reports.summary(application)),
        "licence_type": policies.type_of(application),
        "parts": [(task, answers(application, task.part), _change(application, task.part)) for task in found],
        "whole": not any(task.sentences for task in found),
        "terms": terms,
        "fee": next((fee.amount_khr for fee in terms.fees.filter(kind=application.kind)), 0) if terms else 0,
        "cancel": reverse("application-tasks", args=[number]),
        "breadcrumbs": _of_tasks(application, _("Check your answers")),
    }
    return render(request, "licensing/application_check.html", context, status=status)


def answers(application: Application, part: str) -> list[tuple[Any, Any]]:
    """What was answered on one page, for people."""
    if part == "proposal":
        return reports.proposed(application)
    if part == "services":
        asked = application.asked_services.select_related("service").order_by("pk")
        return [(_("Services"), ", ".join(str(one.service) for one in asked) or _("None"))]
    if part == "documents":
        return [(str(one), one.file.name) for one in reports.documents(application)]
    return [(_("Wanted from"), application.begins_on or _("As soon as possible")), (_("Note"), application.note)]


def changeable(request: HttpRequest, number: str) -> Application:
    """An application that this person may change now. Raises NotPermitted or Refused."""
    application = visible_application(request, number)
    check_may_change(request.user, application)
    policies.check_is_with_the_applicant(application)
    return application


def _next(request: HttpRequest, application: Application) -> str:
    """Where a page leads back to: the answers to check, if it was opened from there."""
    step = "check" if request.GET.get("back") == "check" else "tasks"
    return reverse(f"application-{step}", args=[application.number])


def _change(application: Application, part: str) -> str:
    return f"{reverse(f'application-{part}', args=[application.number])}?back=check"


def _of_tasks(application: Application, title: Any, here: str = "") -> list[tuple[Any, str]]:
    tasks_page = reverse("application-tasks", args=[application.number])
    return breadcrumbs(application, (_("What is to be done"), tasks_page), (title, here))
