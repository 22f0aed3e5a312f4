"""What time alone changes on this floor."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from inspections.actions import visits
from inspections.actions.visits import Followed

BATCH = 2000


def plan_visits(*, at: datetime) -> Followed:
    """Make all planned visits what the standings say: see `visits.plan_next`.

    Takes the facilities for which there is something to do, a committed batch at a time. Safe to run twice, late, at
    once, and after one was killed: what is done is no longer to be done.
    """
    today, total, after = timezone.localdate(at), Followed(), 0
    while True:
        to_do = _next(visits.unplanned(today), visits.misplaced(today), visits.pointless(), after=after)
        if not to_do:
            return total
        total += visits.plan_next(facility_ids=to_do, at=at)
        after = to_do[-1]


def _next(*wanting: QuerySet[Any], after: int) -> list[int]:
    """The keys of the next facilities in which any of these rows lies."""
    found: set[int] = set()
    for rows in wanting:
        keys = rows.filter(facility__gt=after).order_by("facility").values_list("facility", flat=True)
        found.update(keys[:BATCH])
    return sorted(found)[:BATCH]
