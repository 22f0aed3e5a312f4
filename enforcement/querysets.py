from typing import Any

from django.db import models

from enforcement.states import SweepState
from inspections.querysets import unless_blind
from registry.accounts.querysets import within_scope
from registry.accounts.states import STAFF_ROLES


class FlagQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> "FlagQuerySet":
        """Of the person's province or of all, but not of a facility where the person makes a back-check now."""
        return unless_blind(within_scope(self, user, province="facility__province"), user)  # type: ignore[return-value]

    def open(self) -> "FlagQuerySet":
        return self.filter(cleared_on=None)


class SweepRunQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> "SweepRunQuerySet":
        """Counts over the whole country: everyone with a role may see that the sweep ran."""
        return self if user.is_authenticated and user.is_active and user.role in STAFF_ROLES else self.none()

    def completed(self) -> "SweepRunQuerySet":
        return self.filter(state=SweepState.COMPLETED)

    def of_all_rules(self) -> "SweepRunQuerySet":
        return self.filter(partial=False)
