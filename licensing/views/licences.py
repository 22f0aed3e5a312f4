from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from licensing.actions import licences
from licensing.filters import LicenceFilter
from licensing.forms import RecordLicenceForm
from licensing.models import Licence
from licensing.permissions import check_may_record
from licensing.permissions.applying import check_may_apply_for
from licensing.permissions.keys import check_may_see_keys
from licensing.policies.applying import check_is_time_to_renew
from licensing.states import ApplicationKind
from licensing.views.grants import about, address, facility_address, visible
from registry.core.errors import Refused, passes
from registry.models import Facility
from registry.ui.html import link, tag
from registry.ui.lists import Column, ListAction, ListPage


class LicenceList(ListPage):
    model = Licence
    title = gettext_lazy("Licences")
    lead = gettext_lazy("A licence is for one site; it holds from its first to its last day, both included.")
    filterset_class = LicenceFilter
    default_sort = "-recorded_at"
    empty_state = gettext_lazy("No licence is on record yet.")
    empty_advice = gettext_lazy("A licensing officer records licences from the page of a facility.")
    columns = (
        Column("number", gettext_lazy("Number"), sort="number", link=address),
        Column("facility", gettext_lazy("Facility"), link=facility_address),
        Column("facility_number", gettext_lazy("Facility number"), value="facility.number", page=False),
        Column("province", gettext_lazy("Province"), value="facility.province"),
        Column("type", gettext_lazy("Licence type"), page=False),
        Column("state", gettext_lazy("State"), value=lambda licence: licence.phase(timezone.localdate()), kind="tag"),
        Column("valid_from", gettext_lazy("First day"), kind="date"),
        Column("last_day", gettext_lazy("Last day"), sort="last_day", kind="date"),
        Column(
            "recorded_at",
            gettext_lazy("Recorded on"),
            value=lambda licence: timezone.localdate(licence.recorded_at),
            sort="recorded_at",
            kind="date",
        ),
    )

    def queryset_for(self, user: Any) -> QuerySet[Licence]:
        return super().queryset_for(user).select_related("facility__province", "type")

    def actions_for(self, user: Any) -> list[ListAction]:
        return [
            ListAction(reverse("licence-queue"), _("Licences waiting for approval")),
            ListAction(reverse("authorisation-list"), _("Authorisations for services")),
            ListAction(reverse("condition-list"), _("Conditions")),
            ListAction(reverse("licence-type-list"), _("Licence types")),
            *([ListAction(reverse("signing-key-list"), _("Signing keys"))] if passes(check_may_see_keys, user) else []),
        ]


class LicenceQueue(ListPage):
    """Licences that wait for an approver, the one that waits longest first."""

    model = Licence
    title = gettext_lazy("Licences waiting for approval")
    lead = gettext_lazy("The one that waits longest comes first. Nobody decides on a licence of their own.")
    default_sort = "recorded_at"
    columns = LicenceList.columns
    empty_state = gettext_lazy("No licence waits for approval.")

    def queryset_for(self, user: Any) -> QuerySet[Licence]:
        waiting = super().queryset_for(user).waiting_for_approval()  # type: ignore[attr-defined]
        return waiting.select_related("facility__province", "type")


@login_required
def detail(request: HttpRequest, number: str) -> HttpResponse:
    licence = visible(request, Licence, number)
    today = timezone.localdate()
    authorisations = licence.facility.service_authorisations.select_related("service").order_by(
        "service", "-valid_from"
    )
    context = about(request, licence)
    if licence.certificates.exists():
        paper = reverse("licence-certificate", args=[licence.number])
        context["steps"].append((paper, _("Certificate (PDF)"), "secondary"))
    context["steps"] += apply_for(request.user, licence, today)
    context |= {
        "authorisations": [
            [
                authorisation.service,
                link("authorisation-detail", authorisation.number, text=authorisation.number),
                tag(authorisation.phase(today).label, authorisation.phase(today)),
                authorisation.valid_from,
                authorisation.last_day,
            ]
            for authorisation in authorisations
        ],
        "authorisation_columns": [_("Service"), _("Number"), _("State"), _("First day"), _("Last day")],
        "breadcrumbs": [
            (LicenceList.title, reverse("licence-list")),
            *([(licence.facility, href)] if (href := context["facility_href"]) else []),
            (licence.number, ""),
        ],
    }
    return render(request, "licensing/licence_detail.html", context)


def apply_for(user: Any, licence: Licence, today: date) -> list[tuple[str, Any, str]]:
    """Buttons to apply for the renewal of the licence, where it is time, and for everything else about it."""
    operator = licence.facility.operator
    if operator is None or not passes(check_may_apply_for, user, operator, licence.facility):
        return []
    about_it = f"?{urlencode({'licence': licence.number})}"
    renewal = (reverse("application-begin", args=[ApplicationKind.RENEWAL]) + about_it, _("Apply for the renewal"), "")
    anything = (reverse("application-start") + about_it, _("Apply for a change"), "secondary")
    return [*([renewal] if passes(check_is_time_to_renew, licence, today) else []), anything]


@login_required
def record(request: HttpRequest, number: str) -> HttpResponse:
    visible = Facility.objects.visible_to(request.user).select_related("type")
    facility = get_object_or_404(visible, number=number)
    check_may_record(request.user)
    form = RecordLicenceForm(request.POST or None, facility=facility)
    status = 200
    if form.is_valid():
        try:
            licence = licences.record(facility=facility, **form.cleaned_data, by=request.user, at=timezone.now())  # type: ignore[arg-type]
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
            status = 409
        else:
            messages.success(request, _("The licence is recorded. It waits for the approval of somebody else."))
            return redirect(address(licence))
    context = {
        "facility": facility,
        "form": form,
        "no_types": not form.fields["type"].queryset.exists(),  # type: ignore[attr-defined]
        "breadcrumbs": [
            (facility, reverse("facility-detail", args=[facility.number])),
            (_("Record a licence"), ""),
        ],
    }
    return render(request, "licensing/licence_record.html", context, status=status)
