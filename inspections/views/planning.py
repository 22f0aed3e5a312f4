"""What is due, when and where; planning a visit; who goes on it."""

import re
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inspections.actions import visits
from inspections.filters import DueFilter
from inspections.forms import PlanForm, StatementForm, TeamForm
from inspections.models import ChecklistVersion
from inspections.permissions import PLANNERS, check_is_in_team, check_may_assign, check_may_plan
from inspections.policies import check_can_assign
from inspections.reports import LONG_AGO, due_list
from inspections.reports.planning import (
    Candidate,
    calendar,
    candidates,
    due_points,
    first_planned,
    with_planned_visits,
)
from inspections.reports.risk import IN_ORDER, in_order
from inspections.states import BandCode, Purpose, VisitState
from inspections.views.visits import address, breadcrumbs, visible_visit
from registry.accounts.states import Role
from registry.core.errors import Refused
from registry.models import Facility
from registry.ui.html import address as address_of
from registry.ui.lists import Column, ListPage
from registry.ui.templatetags.ui import map_x, map_y

WHOLE = (0.0, 0.0, 540.0, 450.0)
WIDER_THAN_HIGH = WHOLE[2] / WHOLE[3]
ROOM = 1.2
SMALLEST = 90.0
"""What a map shows of static/src/cambodia.svg, in its own lengths: about a province where the points lie close."""

MONTH = re.compile(r"(2[01][0-9]{2})-(0[1-9]|1[0-2])", re.ASCII)


def due_day(facility: Any) -> date | None:
    return facility.due_on if facility.due_on > LONG_AGO else None


def band(facility: Facility) -> Any:
    standing = getattr(facility, "standing", None)
    return (standing.band and BandCode(standing.band)) if standing else _("never inspected")


def planned_day(facility: Facility) -> date | None:
    visit = first_planned(facility)
    return visit.planned_on if visit else None


def planned_inspector(facility: Facility) -> Any:
    visit = first_planned(facility)
    return visit and visit.inspector


def planned_address(facility: Facility) -> str | None:
    visit = first_planned(facility)
    return address(visit) if visit else None


class DueList(ListPage):
    model = Facility
    title = gettext_lazy("Visits that are due")
    template_name = "inspections/list_page.html"
    lead = gettext_lazy(
        "Working facilities never inspected, or whose next visit is overdue or due within 30 days: "
        "the overdue ones first, then by points."
    )
    filterset_class = DueFilter
    default_sort = "-points"
    empty_state = gettext_lazy("No visit is due.")
    columns = (
        Column(
            "facility",
            gettext_lazy("Facility"),
            value=lambda facility: facility,
            link=lambda facility: reverse("facility-detail", args=[facility.number]),
        ),
        Column("facility_number", gettext_lazy("Facility number"), value="number", page=False),
        Column("type", gettext_lazy("Type")),
        Column("province", gettext_lazy("Province")),
        Column("next_due_on", gettext_lazy("Due on"), value=due_day, sort="due_on", kind="date"),
        Column(
            "points",
            gettext_lazy("Points"),
            value="risk_points",
            sort=IN_ORDER,
            link=lambda facility: reverse("facility-order", args=[facility.number]),
            kind="number",
        ),
        Column("last_visit_on", gettext_lazy("Last visit"), value="standing.last_visit_on", kind="date", page=False),
        Column("band", gettext_lazy("Band"), value=band, kind="tag"),
        Column("planned_on", gettext_lazy("Planned for"), value=planned_day, link=planned_address, kind="date"),
        Column("inspector", gettext_lazy("Inspector"), value=planned_inspector),
    )

    def queryset_for(self, user: Any) -> QuerySet[Facility]:
        today = timezone.localdate()
        due = due_list(user, today).select_related("province", "type", "standing")
        return in_order(with_planned_visits(due), today)


@login_required
def month(request: HttpRequest) -> HttpResponse:
    """The planned visits of a month, day by day."""
    today = timezone.localdate()
    asked = request.GET.get("month", "")
    match = MONTH.fullmatch(asked)
    if asked and not match:
        raise Http404
    first = date(int(match[1]), int(match[2]), 1) if match else today.replace(day=1)
    user: Any = request.user
    is_inspector = user.role == Role.INSPECTOR
    only_own = is_inspector and request.GET.get("whose") == "mine"
    whose = {"whose": "mine"} if only_own else {}

    def beside(day: date) -> tuple[str, str]:
        return date_format(day, "YEAR_MONTH_FORMAT"), address_of("visit-calendar", month=f"{day:%Y-%m}", **whose)

    here = {"month": f"{first:%Y-%m}"}
    weeks = [
        {"days": week, "busy": any(day.count or day.due for day in week)}
        for week in calendar(user, first.year, first.month, only_own=only_own)
    ]
    context = {
        "weeks": weeks,
        "busy": any(week["busy"] for week in weeks),
        "today": today,
        "month": first,
        "previous": beside(first - timedelta(days=1)),
        "following": beside(first + timedelta(days=31)),
        "whose": [
            (_("Everybody's"), address_of("visit-calendar", **here), not only_own),
            (_("My own"), address_of("visit-calendar", **here, whose="mine"), only_own),
        ]
        if is_inspector
        else [],
    }
    return render(request, "inspections/visit_calendar.html", context)


@login_required
def country(request: HttpRequest) -> HttpResponse:
    """What is due, on an outline of the provinces, with the same in words beside it."""
    today = timezone.localdate()
    known, without_point = due_points(request.user, today)
    shown = frame(known)
    context = {
        "points": [(number, place, place.due_on < today) for number, place in enumerate(known, start=1)],
        "without_point": [(place, place.due_on < today) for place in without_point],
        "frame": " ".join(f"{length:.0f}" for length in shown),
        "radius": f"{shown[2] / 75:.1f}",
    }
    return render(request, "inspections/visit_map.html", context)


def frame(facilities: Iterable[Facility]) -> tuple[float, float, float, float]:
    """The part of static/src/cambodia.svg in which these lie, with room around: the whole of it where they are far."""
    points = [(float(map_x(f.longitude)), float(map_y(f.latitude))) for f in facilities]  # type: ignore[arg-type]
    if not points:
        return WHOLE
    (left, upper), (right, lower) = map(min, zip(*points, strict=True)), map(max, zip(*points, strict=True))
    width = max((right - left) * ROOM, (lower - upper) * ROOM * WIDER_THAN_HIGH, SMALLEST)
    if width > WHOLE[2]:
        return WHOLE
    height = width / WIDER_THAN_HIGH
    return (left + right - width) / 2, (upper + lower - height) / 2, width, height


@login_required
def plan(request: HttpRequest, number: str) -> HttpResponse:
    visible = Facility.objects.visible_to(request.user).select_related("type")
    facility = get_object_or_404(visible, number=number)
    user: Any = request.user
    if user.role not in PLANNERS:
        check_may_plan(user, facility, user)
    waiting = facility.visits.unassigned().filter(purpose=Purpose.ROUTINE).first()
    version = ChecklistVersion.objects.published().filter(checklist__facility_types=facility.type_id).first()
    today = timezone.localdate()
    people = candidates(facility, version, today)
    form = PlanForm(
        request.POST if request.method == "POST" else None,
        facility=facility,
        user=user,
        people=people,
        initial={"planned_on": max(waiting.planned_on or today, today)} if waiting else {},
    )
    status = 200
    if form.is_valid():
        try:
            visit = visits.plan(facility=facility, **form.cleaned_data, by=user, at=timezone.now())
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
            status = 409
        else:
            messages.success(request, _("The visit is planned."))
            return redirect(address(visit))
    context = {
        "facility": facility,
        "form": form,
        "waiting": waiting,
        "no_checklist": version is None,
        "columns": COLUMNS,
        "people": rows(people),
        "breadcrumbs": [
            (facility, reverse("facility-detail", args=[facility.number])),
            (_("Plan a visit"), ""),
        ],
    }
    return render(request, "inspections/visit_plan.html", context, status=status)


COLUMNS = (
    gettext_lazy("Inspector"),
    gettext_lazy("Open visits"),
    gettext_lazy("In that week"),
    gettext_lazy("In that month"),
    gettext_lazy("Trained until"),
    gettext_lazy("Can go"),
)


def rows(people: Iterable[Candidate]) -> list[list[Any]]:
    """The people of the province as rows of a table, with what there is to do and who cannot go, and why."""
    return [
        [
            candidate.person,
            candidate.open_visits,
            candidate.that_week,
            candidate.that_month,
            date_format(candidate.fitness.trained_until) if candidate.fitness.trained_until else "–",
            candidate.why_not or _("Yes"),
        ]
        for candidate in people
    ]


@login_required
def assign(request: HttpRequest, uuid: UUID) -> HttpResponse:
    visit = visible_visit(request, uuid)
    user: Any = request.user
    check_may_assign(user, visit)
    check_can_assign(visit)
    today = timezone.localdate()
    version = visit.checklist_version
    people = candidates(visit.facility, version, max(visit.planned_on or today, today))
    fit = [candidate for candidate in people if not candidate.why_not]
    if user.role == Role.INSPECTOR:
        fit = [candidate for candidate in fit if candidate.person == user]
    form = TeamForm(
        request.POST if request.method == "POST" else None,
        visit=visit,
        people=fit,
        sections=list(version.sections.order_by("position")) if version else [],
    )
    status = 200
    if form.is_valid():
        try:
            visits.assign(visit=visit, **form.cleaned_data, by=user, at=timezone.now())
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
            status = 409
        else:
            messages.success(request, _("The team is chosen. Each of them now states to have no interest there."))
            return redirect(address(visit))
    context = {
        "visit": visit,
        "form": form,
        "columns": COLUMNS,
        "people": rows(people),
        "nobody": not fit,
        "breadcrumbs": breadcrumbs(visit, _("Choose the team")),
    }
    return render(request, "inspections/visit_assign.html", context, status=status)


@login_required
def statement(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Each member states to have no interest in the facility, or declares one and leaves."""
    visit = visible_visit(request, uuid)
    user: Any = request.user
    check_is_in_team(user, visit)
    check_can_assign(visit)
    form = StatementForm(request.POST if request.method == "POST" else None)
    status = 200
    if form.is_valid():
        try:
            if form.cleaned_data["answer"] == "no":
                visits.state_no_interest(visit=visit, by=user, at=timezone.now())
                messages.success(request, _("Your statement is recorded."))
            else:
                visits.declare_interest(visit=visit, nature=form.cleaned_data["nature"], by=user, at=timezone.now())
                messages.success(request, _("Your interest is recorded. You are no longer in the team of this visit."))
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
            status = 409
        else:
            return redirect(address(visit))
    context = {
        "visit": visit,
        "form": form,
        "facts": [
            (_("Facility"), visit.facility),
            (_("Operator"), visit.facility.operator),
            (_("Planned for"), visit.planned_on),
            (_("State"), VisitState(visit.state).label),
        ],
        "breadcrumbs": breadcrumbs(visit, _("Statement of interests")),
    }
    return render(request, "inspections/visit_statement.html", context, status=status)
