"""The order of work tried on the past: the same work, the same hands, another order. Pure functions.

The ordinary visits that were really made are the work. Each becomes due when the visit before it said, and is worked
off week by week with a fixed capacity, once by due day and once by points. What a visit found, it finds whenever it is
made. Points of a day use only what was on record before that day.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from inspections.rules.risk import months_overdue, points, years_since
from inspections.states import Severity

WEEK = timedelta(days=7)
SERIOUS_DAYS = timedelta(days=730)
DAYS_AHEAD = timedelta(days=30)
"""Work appears in the list so long before it is due, as in the list of what is due."""


@dataclass(frozen=True)
class Found:
    """One finding: how grave, and from which day on it was known to be mended."""

    severity: int
    corrected_on: date | None = None

    @property
    def serious(self) -> bool:
        return self.severity >= Severity.ACTUAL


@dataclass(frozen=True)
class Past:
    """One completed visit as it is on record."""

    visited_on: date
    due_on: date
    """By when the next one was due after it."""
    findings: tuple[Found, ...] = ()
    band: str = ""
    ordinary: bool = True
    """It came by the calendar, not after a complaint or the like."""


@dataclass(frozen=True)
class Job:
    """An ordinary visit that was made in the period, as work: where, due when, with how many serious findings."""

    facility: str
    place: int
    """Among the facility's visits, in order of their days."""
    due_on: date
    serious: int


@dataclass(frozen=True)
class Outcome:
    """What two orders of the same work come to, counted over serious findings (G to L)."""

    visits: int = 0
    findings: int = 0
    per_week: int = 0
    weeks: int = 0
    waited: int = 0
    """Visits whose week differs between the two orders: only these can gain or lose."""
    mean_days_earlier: float = 0.0
    """How many days earlier than in due-date order the mean serious finding is met; negative where later."""
    first_half_by_due: float = 0.0
    first_half_by_points: float = 0.0
    """Share of the serious findings that the first half of the visits meets."""
    best_possible: float = 0.0
    """Days earlier of an order that knew the findings beforehand: no order can do better."""
    course: list[tuple[date, int, int]] = field(default_factory=list)
    """Week by week, how many serious findings are met so far: by due day, by points."""


Key = Callable[[Job, date], tuple[float, ...]]


def replay(
    histories: Mapping[str, Sequence[Past]],
    weights: Mapping[str, int],
    *,
    from_on: date,
    until_on: date,
    per_week: int | None = None,
) -> Outcome:
    """Work off the ordinary visits that were made from one day to another, both included, in both orders.

    `per_week`: how many visits a week can be made; as many as really were, on average and rounded up, unless told.
    """
    known = {facility: sorted(visits, key=lambda past: past.visited_on) for facility, visits in histories.items()}
    jobs = work(known, from_on, until_on)
    if not jobs:
        return Outcome()
    weeks = max(1, -(-((until_on - from_on).days + 1) // 7))
    capacity = per_week or -(-len(jobs) // weeks)
    by_due = simulate(jobs, lambda job, day: (job.due_on.toordinal(),), capacity, from_on)
    by_points = simulate(jobs, by_points_known(known, weights), capacity, from_on)
    foreseen = simulate(jobs, lambda job, day: (-job.serious, job.due_on.toordinal()), capacity, from_on)
    return _outcome(jobs, by_due, by_points, foreseen, capacity)


def work(known: Mapping[str, Sequence[Past]], from_on: date, until_on: date) -> list[Job]:
    """The ordinary visits of the period that had one before them, which said when they are due."""
    jobs = []
    for facility, visits in known.items():
        for place, past in enumerate(visits):
            if place and past.ordinary and from_on <= past.visited_on <= until_on:
                before = next((earlier for earlier in reversed(visits[:place]) if earlier.ordinary), visits[place - 1])
                jobs.append(Job(facility, place, before.due_on, sum(found.serious for found in past.findings)))
    return jobs


def simulate(jobs: Iterable[Job], key: Key, per_week: int, from_on: date) -> dict[Job, date]:
    """On which day each job is done: every week the `per_week` with the lowest key of those in the list.

    A facility's visits keep their order. In the end the calendar runs on until all is done.
    """
    waiting: dict[str, list[Job]] = {}
    for job in sorted(jobs, key=lambda job: (job.facility, job.place)):
        waiting.setdefault(job.facility, []).append(job)
    done: dict[Job, date] = {}
    day = from_on
    while waiting:
        listed = [queue[0] for queue in waiting.values() if queue[0].due_on - DAYS_AHEAD <= day]
        if not listed:
            soonest = min(queue[0].due_on for queue in waiting.values()) - DAYS_AHEAD
            day += WEEK * max(1, -(-(soonest - day).days // 7))
            continue
        for job in sorted(listed, key=lambda job: (*key(job, day), job.facility))[:per_week]:
            done[job] = day
            waiting[job.facility].pop(0)
            if not waiting[job.facility]:
                del waiting[job.facility]
        day += WEEK
    return done


def by_points_known(known: Mapping[str, Sequence[Past]], weights: Mapping[str, int]) -> Key:
    """Most points first, the earliest due day among equals."""

    def key(job: Job, day: date) -> tuple[float, ...]:
        return (-points(quantities(known[job.facility][: job.place], job.due_on, day), weights), job.due_on.toordinal())

    return key


def quantities(visits: Sequence[Past], due_on: date, day: date) -> dict[str, int]:
    """The factors of `rules.risk` that the record of visits holds, as they were known on the morning of `day`."""
    before = [past for past in visits if past.visited_on < day]
    if not before:
        return {"never_inspected": 1}
    last = before[-1]
    still_open = [
        found for past in before for found in past.findings if found.corrected_on is None or found.corrected_on >= day
    ]
    return {
        "months_overdue": months_overdue(due_on, day),
        "years_since_visit": years_since(last.visited_on, day),
        f"band_{last.band}": 1,
        "findings_potential": sum(found.severity == Severity.POTENTIAL for found in still_open),
        "findings_actual": sum(found.severity == Severity.ACTUAL for found in still_open),
        "findings_jeopardy": sum(found.severity == Severity.JEOPARDY for found in still_open),
        "serious_before": sum(
            found.serious for past in before if past.visited_on >= day - SERIOUS_DAYS for found in past.findings
        ),
    }


def _outcome(
    jobs: Sequence[Job],
    by_due: Mapping[Job, date],
    by_points: Mapping[Job, date],
    foreseen: Mapping[Job, date],
    per_week: int,
) -> Outcome:
    findings = sum(job.serious for job in jobs)
    days = sorted({*by_due.values(), *by_points.values()})
    return Outcome(
        visits=len(jobs),
        findings=findings,
        per_week=per_week,
        weeks=len(days),
        waited=sum(by_due[job] != by_points[job] for job in jobs),
        mean_days_earlier=_earlier(jobs, by_due, by_points, findings),
        first_half_by_due=_first_half(jobs, by_due, findings),
        first_half_by_points=_first_half(jobs, by_points, findings),
        best_possible=_earlier(jobs, by_due, foreseen, findings),
        course=[
            (
                day,
                sum(job.serious for job in jobs if by_due[job] <= day),
                sum(job.serious for job in jobs if by_points[job] <= day),
            )
            for day in days
        ],
    )


def _earlier(jobs: Sequence[Job], first: Mapping[Job, date], second: Mapping[Job, date], findings: int) -> float:
    return sum(job.serious * (first[job] - second[job]).days for job in jobs) / findings if findings else 0.0


def _first_half(jobs: Sequence[Job], done: Mapping[Job, date], findings: int) -> float:
    """Visits of the week in which the half falls count in the order in which they are drawn: by facility."""
    half = sorted(jobs, key=lambda job: (done[job], job.facility))[: len(jobs) // 2]
    return sum(job.serious for job in half) / findings if findings else 0.0
