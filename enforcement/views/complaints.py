"""Complaints as the staff sees them: the list, one complaint, who made it, its photos and papers."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enforcement.actions import complaints
from enforcement.filters import ComplaintFilter
from enforcement.models import Complaint, ComplaintFile
from enforcement.permissions import check_may_read_contact
from enforcement.querysets import COMPLAINT_READERS
from enforcement.states import COMPLAINTS_WAITING
from registry.core.errors import NotPermitted
from registry.files.actions import place_of
from registry.files.rules import smaller
from registry.files.states import PICTURES
from registry.files.views import CLOSED_BOX, send
from registry.ui.html import link
from registry.ui.lists import Column, ListPage

LARGE = 1600
"""The longer side, in pixels, of a photo as everybody sees it who handles complaints."""


def address(complaint: Complaint) -> str:
    return reverse("complaint-detail", args=[complaint.number])


def place(complaint: Complaint) -> Any:
    return complaint.facility or complaint.place[:80]


def urgency(complaint: Complaint) -> str:
    return _("Urgent") if complaint.urgent else _("Ordinary")


def received_on(complaint: Complaint) -> Any:
    return timezone.localdate(complaint.received_at)


def still_due_on(complaint: Complaint) -> Any:
    return complaint.due_on if complaint.state in COMPLAINTS_WAITING else None


class ComplaintList(ListPage):
    """No column tells what a complaint says or who made it: a file goes further than the register."""

    model = Complaint
    title = gettext_lazy("Complaints")
    lead = gettext_lazy("What the public says about facilities, and by when somebody has to look into it.")
    filterset_class = ComplaintFilter
    default_sort = "-received_at"
    empty_state = gettext_lazy("No complaint matches.")
    empty_advice = gettext_lazy("Anybody can complain on the page that the code at the door of a facility leads to.")
    columns = (
        Column("number", gettext_lazy("Number"), link=address),
        Column("kind", gettext_lazy("About")),
        Column("facility", gettext_lazy("Place"), value=place),
        Column("facility_number", gettext_lazy("Facility number"), value="facility.number", page=False),
        Column("province", gettext_lazy("Province")),
        Column("state", gettext_lazy("State"), kind="tag"),
        Column("urgent", gettext_lazy("Urgency"), value=urgency, page=False),
        Column("received_at", gettext_lazy("Received"), value=received_on, sort="received_at", kind="date"),
        Column("due_on", gettext_lazy("To be looked into by"), value=still_due_on, sort="due_on", kind="date"),
        Column("handler", gettext_lazy("Handled by")),
        Column("answered_at", gettext_lazy("Answered"), kind="date", page=False),
    )

    def check_may_see(self, user: Any) -> None:
        if user.role not in COMPLAINT_READERS:
            raise NotPermitted(
                _("Complaints are read by enforcement officers, approvers, auditors and provincial managers."),
                code="not_a_reader_of_complaints",
            )

    def queryset_for(self, user: Any) -> QuerySet[Complaint]:
        return super().queryset_for(user).select_related("facility", "province", "handler")


def visible_complaint(request: HttpRequest, number: str) -> Complaint:
    visible = Complaint.objects.visible_to(request.user)
    joined = visible.select_related("facility__type", "province", "handler", "visit", "merged_into")
    complaint: Complaint = get_object_or_404(joined, number=number)
    return complaint


def facts(complaint: Complaint) -> list[tuple[Any, Any]]:
    facility, visit, leading = complaint.facility, complaint.visit, complaint.merged_into
    point = None if complaint.latitude is None else f"{complaint.latitude}, {complaint.longitude}"
    return [
        *([(_("Facility"), link("facility-detail", facility.number, text=facility))] if facility else []),
        *([(_("Place as described"), complaint.place)] if complaint.place else []),
        *([(_("Point on the map"), point)] if point else []),
        (_("Province"), complaint.province),
        (_("Since"), complaint.since_on),
        (_("Received"), timezone.localtime(complaint.received_at)),
        (_("Urgency"), urgency(complaint)),
        (_("To be looked into by"), complaint.due_on),
        (_("Handled by"), complaint.handler or _("nobody yet")),
        *([(_("Visit"), link("visit-detail", visit.uuid, text=visit.planned_on or visit.visited_on))] if visit else []),
        *([(_("Handled with"), link("complaint-detail", leading.number, text=leading.number))] if leading else []),
        (_("Wishes to stay unnamed"), _("Yes") if complaint.confidential else _("No")),
    ]


def breadcrumbs(complaint: Complaint) -> list[tuple[Any, str | None]]:
    return [(ComplaintList.title, reverse("complaint-list")), (complaint.number, address(complaint))]


@login_required
def contact(request: HttpRequest, number: str) -> HttpResponse:
    """Asks first, because each look is on record."""
    complaint = visible_complaint(request, number)
    check_may_read_contact(request.user, complaint)
    asked = request.method == "POST"
    found = complaints.read_contact(complaint=complaint, by=request.user, at=timezone.now()) if asked else None  # type: ignore[arg-type]
    context = {
        "complaint": complaint,
        "asked": asked,
        "rows": [(_("Telephone"), found.phone or "–"), (_("E-mail"), found.email or "–")] if found else [],
        "breadcrumbs": [*breadcrumbs(complaint), (_("Who made it"), "")],
    }
    response = render(request, "enforcement/complaint_contact.html", context)
    response["Cache-Control"] = "no-store, private"
    return response


@login_required
def file(request: HttpRequest, number: str, sha256: str) -> HttpResponseBase:
    """A photo without the notes of the camera, which may tell who took it; the file itself for the handling officer."""
    complaint = visible_complaint(request, number)
    found = get_object_or_404(ComplaintFile.objects.select_related("file"), complaint=complaint, file__sha256=sha256)
    stored = found.file
    if "original" in request.GET or stored.content_type not in PICTURES:
        check_may_read_contact(request.user, complaint)
        return send(request, stored)
    if "small" in request.GET:
        return send(request, stored, small=True)
    with place_of(stored.sha256).open("rb") as content:
        response = HttpResponse(smaller(content, LARGE), content_type="image/jpeg")
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = CLOSED_BOX
    return response
