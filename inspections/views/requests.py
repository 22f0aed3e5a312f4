"""Requests for re-inspection: the list, a new one, its decision."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inspections.actions import reinspections
from inspections.filters import RequestFilter
from inspections.forms import GrantForm, ReasonForm, RequestForm
from inspections.models import ReinspectionRequest
from inspections.permissions import check_may_request
from inspections.policies import check_can_decide_request, check_has_no_request
from inspections.states import RequestState
from registry.core.errors import Refused, passes
from registry.models import Facility
from registry.ui.forms import PageForm
from registry.ui.html import link
from registry.ui.lists import Column, ListPage


def address(request: ReinspectionRequest) -> str:
    return reverse("reinspection-request-detail", args=[request.pk])


class RequestList(ListPage):
    model = ReinspectionRequest
    title = gettext_lazy("Requests for re-inspection")
    template_name = "inspections/list_page.html"
    filterset_class = RequestFilter
    default_sort = "-asked_on"
    empty_state = gettext_lazy("No facility has asked to be inspected again.")
    empty_advice = gettext_lazy("A request is recorded from the standing of a facility.")
    columns = (
        Column("facility", gettext_lazy("Facility"), link=address),
        Column("facility_number", gettext_lazy("Facility number"), value="facility.number", page=False),
        Column("province", gettext_lazy("Province"), value="facility.province"),
        Column("state", gettext_lazy("State"), kind="tag"),
        Column("asked_on", gettext_lazy("Asked on"), sort="asked_on", kind="date"),
        Column("asked_by_name", gettext_lazy("Who asks")),
        Column("text", gettext_lazy("What was put right"), page=False),
        Column("planned_on", gettext_lazy("Visit planned for"), value="visit.planned_on", kind="date"),
        Column("reason", gettext_lazy("Reason"), page=False),
    )

    def queryset_for(self, user: Any) -> QuerySet[ReinspectionRequest]:
        return super().queryset_for(user).select_related("facility__province", "visit")


@login_required
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    asked = visible_request(request, pk)
    open_to_me = passes(check_may_request, request.user, asked.facility) and asked.state == RequestState.WAITING
    context = {
        "asked": asked,
        "facts": _facts(asked),
        "may_decide": open_to_me,
        "breadcrumbs": breadcrumbs(asked.facility),
    }
    return render(request, "inspections/reinspection_request.html", context)


@login_required
def record(request: HttpRequest, number: str) -> HttpResponse:
    visible = Facility.objects.visible_to(request.user)
    facility: Facility = get_object_or_404(visible, number=number)
    check_may_request(request.user, facility)  # type: ignore[arg-type]
    check_has_no_request(facility)
    form = RequestForm(request.POST if request.method == "POST" else None)
    return _answer(
        request,
        form,
        lambda: reinspections.record(facility=facility, **form.cleaned_data, by=request.user, at=timezone.now()),  # type: ignore[arg-type]
        facility=facility,
        title=gettext_lazy("Record a request for re-inspection"),
        done=gettext_lazy("The request is recorded."),
        cancel=reverse("standing-detail", args=[facility.number]),
    )


@login_required
def grant(request: HttpRequest, pk: int) -> HttpResponse:
    asked = visible_request(request, pk)
    check_may_request(request.user, asked.facility)  # type: ignore[arg-type]
    check_can_decide_request(asked, RequestState.GRANTED)
    form = GrantForm(request.POST if request.method == "POST" else None, facility=asked.facility)
    return _answer(
        request,
        form,
        lambda: reinspections.grant(request=asked, **form.cleaned_data, by=request.user, at=timezone.now()),  # type: ignore[arg-type]
        facility=asked.facility,
        title=gettext_lazy("Grant the re-inspection"),
        done=gettext_lazy("The re-inspection is granted and its visit planned."),
        cancel=address(asked),
    )


@login_required
def decline(request: HttpRequest, pk: int) -> HttpResponse:
    asked = visible_request(request, pk)
    check_may_request(request.user, asked.facility)  # type: ignore[arg-type]
    check_can_decide_request(asked, RequestState.DECLINED)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    return _answer(
        request,
        form,
        lambda: reinspections.decline(request=asked, **form.cleaned_data, by=request.user, at=timezone.now()),  # type: ignore[arg-type]
        facility=asked.facility,
        title=gettext_lazy("Decline the re-inspection"),
        done=gettext_lazy("The re-inspection is declined."),
        cancel=address(asked),
    )


def _answer(
    request: HttpRequest,
    form: PageForm,
    act: Any,
    *,
    facility: Facility,
    title: str | Promise,
    done: str | Promise,
    cancel: str,
) -> HttpResponse:
    """The page that asks; once it is answered, the page of the request."""
    status = 200
    if form.is_valid():
        try:
            asked = act()
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
            status = 409
        else:
            messages.success(request, str(done))
            return redirect(address(asked))
    context = {
        "form": form,
        "title": title,
        "caption": facility,
        "cancel": cancel,
        "breadcrumbs": breadcrumbs(facility, title),
    }
    return render(request, "inspections/reinspection_form.html", context, status=status)


def visible_request(request: HttpRequest, pk: int) -> ReinspectionRequest:
    visible = ReinspectionRequest.objects.visible_to(request.user)
    joined = visible.select_related("facility__type", "visit", "recorded_by", "decided_by")
    asked: ReinspectionRequest = get_object_or_404(joined, pk=pk)
    return asked


def breadcrumbs(facility: Facility, here: Any = None) -> list[tuple[Any, str]]:
    trail: list[tuple[Any, str]] = [
        (RequestList.title, reverse("reinspection-request-list")),
        (facility, reverse("facility-detail", args=[facility.number])),
    ]
    return [*trail, (here or _("Request"), "")]


def _facts(asked: ReinspectionRequest) -> list[tuple[Any, Any]]:
    return [
        (_("Facility"), link("facility-detail", asked.facility.number, text=asked.facility)),
        (_("Asked on"), asked.asked_on),
        (_("Who asks"), asked.asked_by_name),
        (_("What was put right"), asked.text),
        (_("Recorded by"), asked.recorded_by),
        *([(_("Decided by"), asked.decided_by)] if asked.decided_by else []),
        *([(_("Reason"), asked.reason)] if asked.reason else []),
        *(
            [(_("Visit planned for"), link("visit-detail", asked.visit.uuid, text=asked.visit.planned_on))]
            if asked.visit
            else []
        ),
    ]
