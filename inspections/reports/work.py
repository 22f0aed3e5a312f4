"""Who is to be visited, and what waits for whom."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet

from inspections.models import Standing, Visit
from inspections.states import VisitState
from registry.accounts.states import Role
from registry.states import OperationalStatus

DAYS_AHEAD = 30


@dataclass(frozen=True)
class Counts:
    """Numbers of visits for a home page, each of what this person sees and can act on."""

    planned: int
    in_progress: int
    returned: int
    waiting_for_approval: int
    overdue: int
    due_soon: int


def due_list(user: Any, as_of: date) -> QuerySet[Standing]:
    """Standings of working facilities that `user` sees and whose next visit is due within 30 days or overdue."""
    due: QuerySet[Standing] = Standing.objects.visible_to(user).filter(
        next_due_on__lte=as_of + timedelta(days=DAYS_AHEAD),
        facility__operational_status=OperationalStatus.OPERATING,
    )
    return due


def counts(user: Any, as_of: date) -> Counts:
    """Numbers for the home page of `user`: own visits for an inspector, all visible ones for others. Three queries.

    A planned visit that nobody has taken is not among the planned ones: once it is near it counts as due.
    """
    visits = Visit.objects.visible_to(user).exclude(state=VisitState.PLANNED, inspector=None)
    if getattr(user, "role", "") == Role.INSPECTOR:
        visits = visits.filter(inspector=user)
    states = (VisitState.PLANNED, VisitState.IN_PROGRESS, VisitState.RETURNED, VisitState.SUBMITTED)
    of = _count_by(visits.filter(state__in=states), states)
    due = due_list(user, as_of)
    overdue = due.filter(next_due_on__lt=as_of).count()
    return Counts(
        planned=of[VisitState.PLANNED],
        in_progress=of[VisitState.IN_PROGRESS],
        returned=of[VisitState.RETURNED],
        waiting_for_approval=of[VisitState.SUBMITTED],
        overdue=overdue,
        due_soon=due.count() - overdue,
    )


def _count_by(visits: QuerySet[Visit], states: tuple[VisitState, ...]) -> dict[VisitState, int]:
    return visits.aggregate(**{state.value: Count("pk", filter=Q(state=state)) for state in states})  # type: ignore[return-value]
