from typing import Any

from django.db import models

from registry.accounts.querysets import within_scope
from registry.accounts.states import Role
from registry.states import OperationalStatus


class CatalogueQuerySet(models.QuerySet[Any]):
    """Types and services: everyone who is logged in may read them."""

    def visible_to(self, user: Any) -> "CatalogueQuerySet":
        return self if user.is_authenticated and user.is_active and user.role in Role.values else self.none()


class OperatorQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> "OperatorQuerySet":
        """Operators work across provinces, and a branch network must be findable from any of them."""
        return self if user.is_authenticated and user.is_active and user.role in Role.values else self.none()


class FacilityQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> "FacilityQuerySet":
        return within_scope(self, user, province="province")  # type: ignore[return-value]

    def operating(self) -> "FacilityQuerySet":
        return self.filter(operational_status=OperationalStatus.OPERATING)


class OfFacilityQuerySet(models.QuerySet[Any]):
    """Rows that belong to one facility and are seen by whoever sees the facility."""

    def visible_to(self, user: Any) -> "OfFacilityQuerySet":
        return within_scope(self, user, province="facility__province")  # type: ignore[return-value]


class ImportJobQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> "ImportJobQuerySet":
        if not (user.is_authenticated and user.is_active):
            return self.none()
        if user.role in (Role.ADMINISTRATOR, Role.AUDITOR):
            return self
        return self.filter(requested_by=user)
