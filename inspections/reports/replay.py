"""The record of visits as a replay of the order of work needs it."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

from inspections.models import Finding, RiskModel, Visit
from inspections.rules import replay as rules_of_replay
from inspections.rules.replay import Found, Outcome, Past
from inspections.states import Purpose

MOST_VISITS = 100_000
"""A replay reads the record of so many visits at most, the latest ones: it is worked out while somebody waits."""


def histories(user: Any | None, until_on: date) -> dict[str, Sequence[Past]]:
    """Completed and approved visits until a day, by facility number: those that `user` sees, or all for None.

    A follow-up, a complaint and whatever else was not by the calendar is known, but is not work to be put in order.
    """
    visits = Visit.objects.counting() if user is None else Visit.objects.all().visible_to(user).counting()
    rows = (
        visits.filter(visited_on__lte=until_on, next_due_on__isnull=False)
        .order_by("-visited_on", "-pk")
        .values_list("pk", "facility__number", "visited_on", "next_due_on", "band", "purpose")[:MOST_VISITS]
    )
    found: dict[int, list[Found]] = defaultdict(list)
    of_visits = Finding.objects.filter(visit__in=visits.filter(visited_on__lte=until_on).values("pk"))
    for visit, severity, corrected_on in of_visits.values_list("visit", "severity", "corrected_on").iterator():
        found[visit].append(Found(severity, corrected_on))
    pasts: dict[str, list[Past]] = defaultdict(list)
    for pk, number, visited_on, due_on, band, purpose in rows:
        pasts[number].append(Past(visited_on, due_on, tuple(found[pk]), band, purpose == Purpose.ROUTINE))
    return dict(pasts)


def replay(
    model: RiskModel, *, from_on: date, until_on: date, per_week: int | None = None, user: Any | None = None
) -> Outcome:
    """`rules.replay` over the register's own record with the weights of a model."""
    record = histories(user, until_on)
    return rules_of_replay.replay(record, model.weights, from_on=from_on, until_on=until_on, per_week=per_week)
