from datetime import date, timedelta
from typing import Any

from django.db import models
from django.db.models import Q

from inspections.states import VersionState, VisitOutcome, VisitState
from registry.accounts.querysets import within_scope
from registry.accounts.states import Role


class RulebookQuerySet(models.QuerySet[Any]):
    """Checklists and rulesets are public law: everyone with a role reads them."""

    def visible_to(self, user: Any) -> "RulebookQuerySet":
        return self if user.is_authenticated and user.is_active and user.role in Role.values else self.none()


class VersionQuerySet(RulebookQuerySet):
    def published(self) -> "VersionQuerySet":
        return self.filter(state=VersionState.PUBLISHED)


class RulesetQuerySet(VersionQuerySet):
    def in_force(self, on: date) -> "RulesetQuerySet":
        return self.published().filter(Q(valid_until=None) | Q(valid_until__gte=on), valid_from__lte=on)  # type: ignore[return-value]


class VisitQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> "VisitQuerySet":
        return within_scope(self, user, province="facility__province")  # type: ignore[return-value]

    def counting(self) -> "VisitQuerySet":
        """Visits that move a facility's standing."""
        return self.filter(state=VisitState.APPROVED, outcome=VisitOutcome.COMPLETED)

    def open(self) -> "VisitQuerySet":
        return self.exclude(state__in=(VisitState.APPROVED, VisitState.CANCELLED))

    def waiting_for_approval(self) -> "VisitQuerySet":
        return self.filter(state=VisitState.SUBMITTED)


class OfFacilityQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> "OfFacilityQuerySet":
        return within_scope(self, user, province="facility__province")  # type: ignore[return-value]


class StandingQuerySet(OfFacilityQuerySet):
    def overdue(self, as_of: date) -> "StandingQuerySet":
        return self.filter(next_due_on__lt=as_of)

    def due_within(self, days: int, *, as_of: date) -> "StandingQuerySet":
        return self.filter(next_due_on__range=(as_of, as_of + timedelta(days=days)))
