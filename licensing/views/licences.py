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

from licensing.actions import licences
from licensing.filters import LicenceFilter
from licensing.forms import RecordLicenceForm
from licensing.models import Licence
from licensing.permissions import check_may_record
from licensing.reports import history, steps_open_to
from licensing.states import EVENTS, LicenceState
from registry.core.errors import Refused
from registry.models import Facility
from registry.ui.lists import Column, ListAction, ListPage

BUTTONS = {
    "approve": (gettext_lazy("Approve"), ""),
    "reject": (gettext_lazy("Reject"), "warning"),
    "revoke": (gettext_lazy("Revoke"), "warning"),
    "surrender": (gettext_lazy("Record that it was given back"), "secondary"),
}


def address(licence: Licence) -> str:
    return reverse("licence-detail", args=[licence.number])


def facility_address(licence: Licence) -> str:
    return reverse("facility-detail", args=[licence.facility.number])


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
        return [ListAction(reverse("licence-queue"), _("Licences waiting for approval"))]


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
    licence = visible_licence(request, number)
    today = timezone.localdate()
    phase = licence.phase(today)
    context = {
        "licence": licence,
        "phase": phase,
        "still_in_force": licence.state in (LicenceState.REVOKED, LicenceState.SURRENDERED)
        and licence.valid_from <= today <= licence.last_day,
        "facts": [
            (_("Facility number"), licence.facility.number),
            (_("Licence type"), licence.type),
            (_("Issuing authority"), licence.type.get_authority_display()),
            (_("First day"), licence.valid_from),
            (_("Last day"), licence.valid_until),
            *([(_("First day without the licence"), licence.ended_on)] if licence.ended_on else []),
            *([(_("Reason"), licence.reason)] if licence.reason else []),
            (_("Recorded by"), licence.recorded_by or licence.source),
            *([(_("Decided by"), licence.decided_by)] if licence.decided_by else []),
        ],
        "steps": [
            (reverse(f"licence-{verb}", args=[licence.number]), *BUTTONS[verb])
            for verb in steps_open_to(request.user, licence)
        ],
        "events": [
            {
                "title": EVENTS.get(event.verb, event.verb),
                "by": event.by_username,
                "at": timezone.localtime(event.occurred_at),
                "text": event.reason,
            }
            for event in history(licence)
        ],
        "breadcrumbs": [
            (LicenceList.title, reverse("licence-list")),
            (licence.facility, facility_address(licence)),
            (licence.number, ""),
        ],
    }
    return render(request, "licensing/licence_detail.html", context)


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


def visible_licence(request: HttpRequest, number: str) -> Licence:
    licences = Licence.objects.visible_to(request.user).select_related(
        "facility__type", "facility__province", "type", "recorded_by", "decided_by"
    )
    licence: Licence = get_object_or_404(licences, number=number)
    return licence
