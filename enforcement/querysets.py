from datetime import date
from typing import Any

from django.db import models

from enforcement.states import COMPLAINTS_OPEN, COMPLAINTS_WAITING, SweepState
from inspections.querysets import unless_blind
from registry.accounts.querysets import within_scope
from registry.accounts.states import STAFF_ROLES, Role


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


COMPLAINT_READERS = (Role.ENFORCEMENT_OFFICER, Role.PROVINCIAL_MANAGER, Role.APPROVER, Role.AUDITOR)
"""Nobody who can be in the team of a visit: what a complaint says can betray who made it."""


class ComplaintQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> "ComplaintQuerySet":
        """Of the own province for its manager, of the country for those who enforce, decide or audit."""
        if getattr(user, "role", "") not in COMPLAINT_READERS:
            return self.none()
        return within_scope(self, user, province="province")  # type: ignore[return-value]

    def open(self) -> "ComplaintQuerySet":
        return self.filter(state__in=COMPLAINTS_OPEN)

    def waiting(self) -> "ComplaintQuerySet":
        """Nobody is looking into them yet."""
        return self.filter(state__in=COMPLAINTS_WAITING)

    def overdue(self, as_of: date) -> "ComplaintQuerySet":
        return self.waiting().filter(due_on__lt=as_of)


class OfComplaintQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> "OfComplaintQuerySet":
        """Seen by whoever sees the complaint."""
        if getattr(user, "role", "") not in COMPLAINT_READERS:
            return self.none()
        return within_scope(self, user, province="complaint__province")  # type: ignore[return-value]


class ComplaintContactQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> "ComplaintContactQuerySet":
        """Of the complaints that this enforcement officer handles; nobody else's."""
        may = user.is_authenticated and user.is_active and user.role == Role.ENFORCEMENT_OFFICER
        return self.filter(complaint__handler=user) if may else self.none()
