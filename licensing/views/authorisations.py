"""Authorisations for single services that the licence does not cover."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from licensing.actions import service_authorisations
from licensing.filters import AuthorisationFilter
from licensing.forms import RecordAuthorisationForm
from licensing.models import ServiceAuthorisation
from licensing.permissions import check_may_record
from licensing.views.grants import about, address, facility_address, visible
from registry.core.errors import Refused
from registry.models import Facility
from registry.ui.lists import Column, ListPage


class AuthorisationList(ListPage):
    model = ServiceAuthorisation
    title = gettext_lazy("Authorisations for services")
    lead = gettext_lazy(
        "Some services a facility may offer only with an authorisation of their own, beside its licence."
    )
    filterset_class = AuthorisationFilter
    default_sort = "-recorded_at"
    empty_state = gettext_lazy("No authorisation for a service is on record.")
    empty_advice = gettext_lazy("A licensing officer records authorisations on paper from the page of a facility.")
    columns = (
        Column("number", gettext_lazy("Number"), sort="number", link=address),
        Column("service", gettext_lazy("Service")),
        Column("facility", gettext_lazy("Facility"), link=facility_address),
        Column("facility_number", gettext_lazy("Facility number"), value="facility.number", page=False),
        Column("province", gettext_lazy("Province"), value="facility.province"),
        Column("state", gettext_lazy("State"), value=lambda grant: grant.phase(timezone.localdate()), kind="tag"),
        Column("valid_from", gettext_lazy("First day"), kind="date"),
        Column("last_day", gettext_lazy("Last day"), sort="last_day", kind="date"),
        Column(
            "recorded_at",
            gettext_lazy("Recorded on"),
            value=lambda grant: timezone.localdate(grant.recorded_at),
            sort="recorded_at",
            kind="date",
        ),
    )

    def queryset_for(self, user: Any) -> QuerySet[ServiceAuthorisation]:
        return super().queryset_for(user).select_related("facility__province", "service")


@login_required
def detail(request: HttpRequest, number: str) -> HttpResponse:
    authorisation = visible(request, ServiceAuthorisation, number)
    context = about(request, authorisation) | {
        "breadcrumbs": [
            (AuthorisationList.title, reverse("authorisation-list")),
            (authorisation.facility, facility_address(authorisation)),
            (authorisation.number, ""),
        ],
    }
    return render(request, "licensing/authorisation_detail.html", context)


@login_required
def record(request: HttpRequest, number: str) -> HttpResponse:
    facility = get_object_or_404(Facility.objects.visible_to(request.user), number=number)
    check_may_record(request.user)
    form = RecordAuthorisationForm(request.POST or None)
    status = 200
    if form.is_valid():
        try:
            authorisation = service_authorisations.record(
                facility=facility,
                **form.cleaned_data,
                by=request.user,  # type: ignore[arg-type]
                at=timezone.now(),
            )
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
            status = 409
        else:
            messages.success(request, _("The authorisation is recorded. It waits for the approval of somebody else."))
            return redirect(address(authorisation))
    context = {
        "facility": facility,
        "form": form,
        "breadcrumbs": [
            (facility, reverse("facility-detail", args=[facility.number])),
            (_("Record an authorisation"), ""),
        ],
    }
    return render(request, "licensing/authorisation_record.html", context, status=status)
