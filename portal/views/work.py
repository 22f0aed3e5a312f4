"""What home pages are put together from: figures, short lists and charts, each leading to the list behind it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from enforcement.models import Flag
from enforcement.reports import last_sweep
from enforcement.rules import BY_CODE, NEVER_INSPECTED, RULES
from enforcement.states import COMPLAINTS_WAITING
from inspections.models import Visit
from inspections.reports import Counts
from inspections.reports import due_list as due_soon_or_overdue
from inspections.reports.risk import IN_ORDER, in_order
from inspections.states import VisitState
from portal.reports import work
from registry.accounts.models import User
from registry.ui.html import address, link, tag

SHORT = 8


@dataclass(frozen=True)
class Figure:
    """A count and the list it counts; `kind` is how bad it is when there is any."""

    number: int
    text: str
    href: str
    kind: str = ""

    @property
    def tone(self) -> str:
        return self.kind if self.number else ""


@dataclass(frozen=True)
class ShortList:
    """The first few rows of a longer list, which `href` opens."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    empty: str
    href: str


@dataclass(frozen=True)
class Chart:
    title: str
    unit: str
    bars: Sequence[tuple[Any, int]]

    @property
    def whole(self) -> int:
        return max((value for _name, value in self.bars), default=0)


@dataclass
class Work:
    """What a home page shows, in this order."""

    buttons: list[tuple[str, str]] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    lists: list[ShortList] = field(default_factory=list)
    charts: list[Chart] = field(default_factory=list)
    facts: list[tuple[str, Any]] = field(default_factory=list)


Flags = Sequence[tuple[str, int, int, int]]
"""Open flags as (rule, severity, level, how many)."""


def count(flags: Flags, *, by: str) -> Counter[Any]:
    """How many flags per `rule`, `severity` or `level`."""
    place = ("rule", "severity", "level").index(by)
    counted: Counter[Any] = Counter()
    for *keys, number in flags:
        counted[keys[place]] += number
    return counted


def open_flags(flags: Flags) -> Figure:
    number = sum(number for *_keys, number in flags)
    return Figure(number, _("open flags"), flag_list(), "danger")


def never_inspected(flags: Flags) -> Figure:
    number = count(flags, by="rule")[NEVER_INSPECTED.code]
    return Figure(number, _("facilities never inspected"), flag_list(rule=NEVER_INSPECTED.code))


def by_rule(flags: Flags) -> Chart:
    counted = count(flags, by="rule")
    bars = [(link("flag-list", text=rule.title, state="open", rule=rule.code), counted[rule.code]) for rule in RULES]
    return Chart(_("Open flags by rule"), _("Flags"), bars)


def due_figures(counts: Counts) -> list[Figure]:
    return [
        Figure(
            counts.overdue,
            _("facilities overdue for a visit"),
            address("visit-due", due="overdue"),
            "danger",
        ),
        Figure(counts.due_soon, _("visits due within 30 days"), address("visit-due", due="soon")),
    ]


def complaint_figures(user: User, today: date) -> list[Figure]:
    waiting, late = work.waiting_complaints(user, as_of=today)
    states = [str(state) for state in COMPLAINTS_WAITING]
    return [
        Figure(waiting, _("complaints waiting"), address("complaint-list", state=states)),
        Figure(late, _("complaints overdue"), address("complaint-list", overdue="yes"), "danger"),
    ]


def due_list(user: User, today: date) -> ShortList:
    due = in_order(due_soon_or_overdue(user, today).select_related("standing"), today)
    order = [f"-{name}" for name in (*IN_ORDER, "pk")]
    return ShortList(
        title=_("Due next, overdue first"),
        columns=[_("Facility"), _("Next visit due on"), _("Last visit"), _("Band")],
        rows=[
            [
                link("facility-detail", facility.number, text=facility),
                tag(facility.due_on, "overdue") if facility.due_on < today else facility.due_on,
                facility.standing.last_visit_on,
                tag(facility.standing.get_band_display(), facility.standing.band) if facility.standing.band else "",
            ]
            if hasattr(facility, "standing")
            else [link("facility-detail", facility.number, text=facility), tag(_("never inspected"), "overdue"), "", ""]
            for facility in due.order_by(*order)[:SHORT]
        ],
        empty=_("No visit is due."),
        href=address("visit-due"),
    )


def waiting_visits(number: int) -> Figure:
    return Figure(number, _("visits waiting for approval"), visits(VisitState.SUBMITTED), "warning")


def waiting_visit_list(user: User) -> ShortList:
    waiting = Visit.objects.visible_to(user).waiting_for_approval().select_related("facility", "inspector")
    return visit_list(
        _("Visits waiting for approval"),
        waiting.order_by("submitted_at", "id")[:SHORT],
        visits(VisitState.SUBMITTED),
        _("No visit waits for approval."),
    )


def visit_list(title: str, rows: Iterable[Visit], href: str, empty: str) -> ShortList:
    return ShortList(
        title=title,
        columns=[_("Facility"), _("Day"), _("State")],
        rows=[
            [
                link("visit-detail", visit.uuid, text=visit.facility),
                visit.visited_on or visit.planned_on or "",
                tag(visit.get_state_display(), visit.state),
            ]
            for visit in rows
        ],
        empty=empty,
        href=href,
    )


def licence_list(title: str, licences: Any, href: str, empty: str) -> ShortList:
    return ShortList(
        title=title,
        columns=[_("Number"), _("Facility"), _("Last day")],
        rows=[
            [
                link("licence-detail", licence.number, text=licence.number),
                link("facility-detail", licence.facility.number, text=licence.facility),
                licence.last_day,
            ]
            for licence in licences.select_related("facility")[:SHORT]
        ],
        empty=empty,
        href=href,
    )


def flag_rows(title: str, flags: Any, href: str, empty: str) -> ShortList:
    return ShortList(
        title=title,
        columns=[_("Rule"), _("Facility"), _("Province"), _("Severity"), _("Raised on")],
        rows=[flag_row(flag) for flag in flags[:SHORT]],
        empty=empty,
        href=href,
    )


def flag_row(flag: Flag) -> list[Any]:
    return [
        link("flag-detail", flag.pk, text=BY_CODE[flag.rule].title),
        link("facility-detail", flag.facility.number, text=flag.facility),
        flag.facility.province,
        flag.get_severity_display(),
        flag.raised_on,
    ]


def sweep_facts() -> list[tuple[str, Any]]:
    """When the rules were last asked, for those who watch that they are."""
    sweep = last_sweep()
    if sweep is None or sweep.finished_at is None:
        return [(_("Last sweep"), _("None has run yet."))]
    return [
        (_("Last sweep"), link("sweep-run-detail", sweep.pk, text=timezone.localtime(sweep.finished_at))),
        (_("As of"), sweep.as_of),
    ]


def visits(*states: str, **query: Any) -> str:
    return address("visit-list", state=[str(state) for state in states], **query)


def flag_list(**query: Any) -> str:
    return address("flag-list", state="open", **query)


def expiring_address() -> str:
    return address("licence-list", expiring_within=work.EXPIRING_DAYS)
