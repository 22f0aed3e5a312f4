"""Who is to be visited, and what waits for whom."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from inspections.models import ChecklistVersion, Visit
from inspections.querysets import unless_blind
from inspections.states import VisitState
from registry.accounts.states import Role
from registry.models import Facility, OperationalStatusChange

DAYS_AHEAD = 30
LONG_AGO = date.min
"""Due since a day that nobody knows: a facility that worked before the register began and was never inspected."""


@dataclass(frozen=True)
class Counts:
    """Numbers of visits for a home page, each of what this person sees and can act on."""

    planned: int
    in_progress: int
    returned: int
    waiting_for_approval: int
    overdue: int
    due_soon: int


def due_list(user: Any, as_of: date) -> QuerySet[Facility]:
    """Working facilities that `user` sees and whose next visit is overdue or due within 30 days, by `due_on`.

    Those that were never inspected are due since they began to work (`LONG_AGO` where nobody knows the day), as soon
    as there is a published checklist for their type.
    """
    inspectable = ChecklistVersion.objects.published().values("checklist__facility_types")
    seen = unless_blind(Facility.objects.visible_to(user).operating(), user, facility="pk")
    due = seen.filter(
        Q(standing__next_due_on__lte=as_of + timedelta(days=DAYS_AHEAD)) | Q(standing=None, type__in=inspectable)
    )
    statuses = OperationalStatusChange.objects.filter(facility=OuterRef("pk"), effective_on__lte=as_of)
    began = Subquery(statuses.order_by("-effective_on").values("effective_on")[:1])
    return due.annotate(due_on=Coalesce("standing__next_due_on", began, F("opened_on"), LONG_AGO))


def counts(user: Any, as_of: date) -> Counts:
    """Numbers for the home page of `user`: own visits for an inspector, all visible ones for others. Two queries.

    A planned visit that nobody has taken is not among the planned ones: once it is near it counts as due.
    """
    visits = Visit.objects.visible_to(user).exclude(state=VisitState.PLANNED, inspector=None)
    if getattr(user, "role", "") == Role.INSPECTOR:
        visits = visits.filter(inspector=user)
    states = (VisitState.PLANNED, VisitState.IN_PROGRESS, VisitState.RETURNED, VisitState.SUBMITTED)
    of = _count_by(visits.filter(state__in=states), states)
    due = due_list(user, as_of).aggregate(overdue=Count("pk", filter=Q(due_on__lt=as_of)), all=Count("pk"))
    return Counts(
        planned=of[VisitState.PLANNED],
        in_progress=of[VisitState.IN_PROGRESS],
        returned=of[VisitState.RETURNED],
        waiting_for_approval=of[VisitState.SUBMITTED],
        overdue=due["overdue"],
        due_soon=due["all"] - due["overdue"],
    )


def _count_by(visits: QuerySet[Visit], states: tuple[VisitState, ...]) -> dict[VisitState, int]:
    return visits.aggregate(**{state.value: Count("pk", filter=Q(state=state)) for state in states})  # type: ignore[return-value]
