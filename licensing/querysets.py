from datetime import date
from typing import Any

from django.db import models

from licensing.states import ONCE_IN_FORCE, LicenceState
from registry.accounts.querysets import within_scope
from registry.accounts.states import Role


class LicenceTypeQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> "LicenceTypeQuerySet":
        return self if user.is_authenticated and user.is_active and user.role in Role.values else self.none()


class LicenceQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> "LicenceQuerySet":
        return within_scope(self, user, province="facility__province")  # type: ignore[return-value]

    def in_force(self, on: date) -> "LicenceQuerySet":
        """Both the first and the last day belong to the period."""
        return self.filter(state__in=ONCE_IN_FORCE, valid_from__lte=on, last_day__gte=on)

    def lapsed(self, as_of: date) -> "LicenceQuerySet":
        return self.filter(state=LicenceState.ISSUED, last_day__lt=as_of)

    def waiting_for_approval(self) -> "LicenceQuerySet":
        return self.filter(state=LicenceState.RECORDED)
