"""Who could go on a visit, and what is planned when and where."""

from calendar import Calendar, monthrange
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, F, Prefetch, QuerySet, Window
from django.db.models.functions import RowNumber
from django.utils.translation import ngettext

from inspections.models import ChecklistVersion, Competence, Standing, Visit, VisitMember
from inspections.policies import Fitness, check_fit_for_team, fitness_of
from inspections.reports.work import due_list
from inspections.states import Purpose, VisitState
from registry.accounts.models import User
from registry.core.errors import Refused
from registry.models import Facility

OPEN = (VisitState.PLANNED, VisitState.IN_PROGRESS, VisitState.RETURNED)
SHOWN_A_DAY = 4
POINTS = 300
"""As many as a map can show and a person can tell apart."""


@dataclass
class Candidate:
    """An inspector of the province, how much there is to do, and why the person cannot go, if so."""

    person: User
    fitness: Fitness
    why_not: str = ""
    open_visits: int = 0
    that_week: int = 0
    that_month: int = 0

    def in_words(self) -> str:
        """The person with the work there is already, for a choice."""
        work = ngettext("%(count)s open visit", "%(count)s open visits", self.open_visits) % {"count": self.open_visits}
        return f"{self.person} – {work}"


def candidates(facility: Facility, version: ChecklistVersion | None, on: date) -> list[Candidate]:
    """The inspectors of the facility's province by user name, with their open visits. Five queries for all."""
    people = User.objects.inspectors_of(facility.province_id or 0).order_by("username")
    found: dict[int, Candidate] = {}
    for person, fitness in fitness_of(people, facility, version, on).items():
        found[person.pk] = Candidate(person, fitness)
        try:
            check_fit_for_team(fitness, facility, version, on)
        except Refused as refusal:
            found[person.pk].why_not = refusal.sentence
    monday = on - timedelta(on.weekday())
    for person_id, days in _open_visits(found).items():
        of = found[person_id]
        of.open_visits = len(days)
        of.that_week = sum(monday <= day <= monday + timedelta(6) for day in days)
        of.that_month = sum((day.year, day.month) == (on.year, on.month) for day in days)
    return list(found.values())


def _open_visits(people: Any) -> dict[int, list[date]]:
    """The days of the open visits that each person leads or takes part in."""
    led = Visit.objects.filter(inspector__in=people, state__in=OPEN).values_list("inspector", "pk", "planned_on")
    joined = VisitMember.objects.filter(person__in=people, visit__state__in=OPEN)
    both = {*led, *joined.values_list("person", "visit", "visit__planned_on")}
    days: dict[int, list[date]] = defaultdict(list)
    for person, _visit, day in both:
        days[person].append(day or date.min)
    return days


def with_planned_visits(facilities: QuerySet[Any]) -> QuerySet[Any]:
    """Each with `planned`: its planned and begun visits, the earliest first. One more query for all.

    Back-checks are not among them: they replace no visit, and the first inspectors are not to know of them.
    """
    planned = Visit.objects.filter(state__in=OPEN).exclude(purpose=Purpose.BACK_CHECK).order_by("planned_on", "pk")
    return facilities.prefetch_related(
        Prefetch("visits", planned.select_related("inspector").defer("answers"), to_attr="planned")
    )


@dataclass
class Day:
    """One day of a calendar: some of its visits, and how many there are."""

    on: date
    in_month: bool
    visits: list[Visit] = field(default_factory=list)
    count: int = 0
    due: list[Standing] = field(default_factory=list)

    @property
    def more(self) -> int:
        return self.count - len(self.visits)


def calendar(user: Any, year: int, month: int, *, only_own: bool = False) -> list[list[Day]]:
    """The weeks of a month, Monday first, with the planned visits and the due days that nobody planned for.

    Three queries however many there are; at most four visits a day, and their number.
    """
    weeks = [[Day(on, on.month == month) for on in week] for week in Calendar().monthdatescalendar(year, month)]
    days = {day.on: day for week in weeks for day in week if day.in_month}
    period = (date(year, month, 1), date(year, month, monthrange(year, month)[1]))
    visits = Visit.objects.visible_to(user).filter(state__in=OPEN, planned_on__range=period)
    if only_own:
        visits = visits.filter(inspector=user)
    for on, count in visits.order_by().values_list("planned_on").annotate(Count("pk")):
        days[on].count = count
    place = Window(
        RowNumber(), partition_by="planned_on", order_by=[F("inspector").asc(nulls_last=True), F("id").asc()]
    )
    shown = visits.annotate(place=place).filter(place__lte=SHOWN_A_DAY).select_related("facility", "inspector")
    for visit in shown.defer("answers").order_by("planned_on", "place"):
        days[visit.planned_on].visits.append(visit)
    if not only_own:
        due = due_without_plan(Standing.objects.visible_to(user)).filter(next_due_on__range=period)
        for standing in due.select_related("facility").order_by("next_due_on", "pk")[: SHOWN_A_DAY * len(days)]:
            days[standing.next_due_on].due.append(standing)
    return weeks


def due_without_plan(standings: QuerySet[Standing]) -> QuerySet[Standing]:
    planned = Visit.objects.filter(state__in=OPEN).exclude(purpose=Purpose.BACK_CHECK).values("facility")
    return standings.filter(facility__operational_status="operating").exclude(facility__in=planned)


def due_points(user: Any, as_of: date) -> tuple[list[Any], list[Any]]:
    """What of the due list has a point on the map, the longest overdue first, and some of it that has none."""
    due = with_planned_visits(due_list(user, as_of).select_related("type", "standing")).order_by("due_on", "pk")
    known = list(due.exclude(latitude=None)[:POINTS])
    return known, list(due.filter(latitude=None)[: SHOWN_A_DAY * 5])


def competences(user: Any) -> QuerySet[Competence]:
    """Who may inspect with what, for whoever may know."""
    found: QuerySet[Competence] = Competence.objects.visible_to(user).select_related(
        "person__province", "checklist", "session__course"
    )
    return found


def first_planned(facility: Facility) -> Visit | None:
    planned: Sequence[Visit] = facility.planned  # type: ignore[attr-defined]
    return planned[0] if planned else None
