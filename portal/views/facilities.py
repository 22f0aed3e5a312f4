"""The dossier: one facility as all floors know it."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enforcement.reports import facts_in_words
from enforcement.rules import BY_CODE
from inspections.models import Standing
from inspections.permissions import check_may_plan
from inspections.policies import check_nothing_under_way
from licensing.permissions import check_may_record
from licensing.permissions.applying import check_may_apply_for
from portal.reports.dossier import Dossier, dossier, places, with_everything
from registry.core.errors import passes
from registry.core.numbers import normalised
from registry.models import Equipment, Facility, Posting
from registry.permissions import check_may_edit
from registry.states import PractitionerStanding
from registry.ui.html import address, link, tag
from registry.views.equipment import standing as equipment_standing
from registry.views.practitioners import several
from registry.views.practitioners import standing as practitioner_standing

SECTIONS = (
    ("summary", gettext_lazy("Summary")),
    ("flags", gettext_lazy("Flags")),
    ("visits", gettext_lazy("Visits")),
    ("licences", gettext_lazy("Licences")),
    ("services", gettext_lazy("Services")),
    ("people", gettext_lazy("People")),
    ("equipment", gettext_lazy("Equipment")),
    ("history", gettext_lazy("History")),
)


@login_required
def detail(request: HttpRequest, number: str) -> HttpResponse:
    if normalised(number) != number:
        return redirect("facility-detail", normalised(number), permanent=True)
    visible = with_everything(Facility.objects.visible_to(request.user))
    facility: Facility = get_object_or_404(visible, number=number)
    today = timezone.localdate()
    known = dossier(facility, request.user, on=today)
    context = {
        "facility": facility,
        "known": known,
        "today": today,
        "sections": [(text, f"#{anchor}", False) for anchor, text in SECTIONS],
        "buttons": list(buttons(request.user, facility, today)),
        "summary": list(summary(facility)),
        "standing": list(standing(known, today)),
        "flags": [(flag, BY_CODE[flag.rule], facts_in_words(flag)) for flag in known.flags],
        "visits": [visit_row(visit) for visit in known.visits],
        "former": [former_row(site, today) for site in known.former],
        "former_columns": [_("Facility"), _("Operational status"), _("Last visit"), _("Band"), _("Last licence")],
        "licences": [licence_row(licence, today) for licence in known.licences],
        "authorisations": [authorisation_row(authorisation, today) for authorisation in known.authorisations],
        "authorisation_columns": [_("Service"), _("Number"), _("State"), _("First day"), _("Last day")],
        "services": [(service.service, service.declared_on) for service in known.services],
        "people": [person_row(posting, passes(check_may_edit, request.user, facility)) for posting in known.people],
        "people_columns": [
            _("Practitioner"),
            _("Works as"),
            _("Since"),
            _("May practise until"),
            _("In charge"),
            _("Change"),
        ],
        "people_warning": people_warning(known, today),
        "equipment": [equipment_row(device) for device in known.equipment],
        "equipment_columns": [_("Equipment"), _("Maker"), _("Serial number"), _("Calibration due on"), _("Today")],
        "may_keep": passes(check_may_edit, request.user, facility),
        "identifiers": [(identifier.system, identifier.value) for identifier in known.identifiers],
        "status_changes": [
            (change.get_status_display(), change.effective_on or _("before the register began"), change.reason)
            for change in known.status_changes
        ],
        "timeline": known.timeline(),
        "visit_columns": [_("Day"), _("Purpose"), _("State"), _("Result"), _("Score"), _("Inspector")],
        "licence_columns": [_("Number"), _("Licence type"), _("State"), _("First day"), _("Last day")],
        "status_columns": [_("Operational status"), _("From"), _("Reason")],
        "all_visits": address("visit-list", q=facility.number),
        "breadcrumbs": [(_("Facilities"), reverse("facility-list")), (facility, "")],
    }
    return render(request, "portal/facility_detail.html", context)


def buttons(user: Any, facility: Facility, today: date) -> Iterator[tuple[str, str, str]]:
    """What this person may do here now, as (address, text, kind): asked of the functions that guard the actions."""
    if passes(check_may_edit, user, facility):
        yield reverse("facility-edit", args=[facility.number]), _("Edit"), "secondary"
        yield reverse("facility-status", args=[facility.number]), _("Change the operational status"), "secondary"
    if passes(check_may_plan, user, facility, user) and passes(check_nothing_under_way, facility):
        yield reverse("visit-plan", args=[facility.number]), _("Plan a visit"), ""
    operator = facility.operator
    if facility.type.licence_needed and operator and passes(check_may_apply_for, user, operator, facility):
        yield address("application-start", facility=facility.number), _("Start an application"), "secondary"
    if facility.type.licence_needed and passes(check_may_record, user):
        yield reverse("licence-record", args=[facility.number]), _("Record a licence"), ""
        yield reverse("authorisation-record", args=[facility.number]), _("Record an authorisation"), "secondary"


def summary(facility: Facility) -> Iterator[tuple[Any, Any]]:
    yield _("Number"), facility.number
    yield _("Name in Khmer"), facility.name_km
    yield _("Name in Latin letters"), facility.name_en
    yield _("Type"), facility.type
    yield _("Ownership"), facility.get_ownership_display()
    operator = facility.operator
    yield _("Operator"), operator and link("operator-detail", operator.pk, text=operator)
    if facility.brand:
        yield _("Brand"), facility.brand
    yield _("Area"), format_html_join(", ", "{}", ((area,) for area in places(facility)))
    yield _("Address"), facility.address
    yield _("Operational district"), facility.operational_district
    yield _("Beds"), facility.beds
    yield _("Opening hours"), facility.opening_hours
    yield _("Telephone"), facility.phone
    yield _("E-mail"), facility.email
    yield _("Opened on"), facility.opened_on
    if facility.predecessor:
        yield _("Predecessor"), to_facility(facility.predecessor)
    if hasattr(facility, "successor"):
        yield _("Successor"), to_facility(facility.successor)


def standing(known: Dossier, today: date) -> Iterator[tuple[Any, Any]]:
    licence = known.licence_in_force(today)
    if known.facility.type.licence_needed or licence:
        yield (
            _("Licence"),
            link("licence-detail", licence.number, text=licence.number) if licence else _("None in force"),
        )
    if known.complaints is not None:
        query = {"q": known.facility.number}
        yield _("Complaints"), link("complaint-list", text=known.complaints, **query) if known.complaints else _("none")
    if known.blind:
        yield _("Last visit"), _("hidden from you while you repeat it")
        return
    yield _("Order of work"), link("facility-order", known.facility.number, text=_("Why here in the order of work"))
    if known.standing is None:
        yield _("Last visit"), _("never inspected")
        return
    yield _("Last visit"), known.standing.last_visit_on
    band = known.standing.band
    yield _("Band"), band and tag(known.standing.get_band_display(), band)
    yield _("Score"), known.standing.score
    yield _("Next visit due on"), known.standing.next_due_on
    yield _("Standing"), link("standing-detail", known.facility.number, text=_("History and how it came about"))


def visit_row(visit: Any) -> list[Any]:
    day = visit.visited_on or visit.planned_on
    return [
        link("visit-detail", visit.uuid, text=day or _("no day yet")),
        visit.get_purpose_display(),
        tag(visit.get_state_display(), visit.state),
        visit.get_band_display() or visit.get_outcome_display(),
        "" if visit.score is None else visit.score,
        visit.inspector or visit.source,
    ]


def former_row(site: Facility, today: date) -> list[Any]:
    standing: Standing | None = getattr(site, "standing", None)
    licence = next(iter(site.licences.all()), None)
    return [
        to_facility(site),
        site.get_operational_status_display(),
        standing.last_visit_on if standing else _("never inspected"),
        tag(standing.get_band_display(), standing.band) if standing and standing.band else "",
        f"{licence} ({licence.phase(today).label})" if licence else "",
    ]


def authorisation_row(authorisation: Any, today: date) -> list[Any]:
    return [
        authorisation.service,
        link("authorisation-detail", authorisation.number, text=authorisation.number),
        tag(authorisation.phase(today).label, authorisation.phase(today)),
        authorisation.valid_from,
        authorisation.last_day,
    ]


def licence_row(licence: Any, today: date) -> list[Any]:
    return [
        link("licence-detail", licence.number, text=licence.number),
        licence.type,
        tag(licence.phase(today).label, licence.phase(today)),
        licence.valid_from,
        licence.last_day,
    ]


def person_row(posting: Posting, may_change: bool) -> list[Any]:
    practitioner = posting.practitioner
    lapsed = practitioner_standing(practitioner)
    changes = [link("posting-end", posting.pk, text=_("End"))] if may_change else []
    if may_change and not posting.is_responsible:
        changes.append(link("posting-responsible", posting.pk, text=_("Name as responsible person")))
    return [
        link("practitioner-detail", practitioner.pk, text=practitioner),
        posting.get_cadre_display(),
        posting.valid_from,
        practitioner.practises_until if lapsed == PractitionerStanding.VALID else tag(lapsed.label, lapsed),
        _("Yes") if posting.is_responsible else _("No"),
        format_html_join(" · ", "{}", ((change,) for change in changes)) or "–",
    ]


def people_warning(known: Dossier, today: date) -> str:
    """What is wrong with the responsible person, in a sentence; nothing where all is well."""
    answering = next((posting for posting in known.people if posting.is_responsible), None)
    if answering is None:
        return _("Nobody is on record as the responsible person.")
    if practitioner_standing(answering.practitioner) != PractitionerStanding.VALID:
        return _("The responsible person may no longer practise.")
    others = answering.stands_for - 1  # type: ignore[attr-defined]
    return several(others + 1) if others else ""


def equipment_row(device: Equipment) -> list[Any]:
    standing = equipment_standing(device)
    return [
        link("equipment-detail", device.pk, text=device.kind),
        device.maker,
        device.serial,
        device.calibration_due_on or "–",
        tag(standing.label, standing),
    ]


def to_facility(facility: Facility) -> Any:
    return link("facility-detail", facility.number, text=f"{facility.number} {facility}")
