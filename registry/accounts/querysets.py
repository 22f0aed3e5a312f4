from typing import Any

from django.contrib.auth.models import UserManager
from django.db import models

from registry.accounts.states import PROVINCIAL_ROLES, STAFF_ROLES, Role


def within_scope(
    queryset: models.QuerySet[Any], user: Any, *, province: str, operator: str = ""
) -> models.QuerySet[Any]:
    """Rows of `queryset` that `user` may see, where `province` is the path to the row's province.

    An operator sees nothing, unless `operator` is the path to whoever operates: then the rows of those that this
    person represents now. Fails closed: whoever is not a known, active person with a known role sees nothing.
    """
    if not (user.is_authenticated and user.is_active):
        return queryset.none()
    if user.role in PROVINCIAL_ROLES:
        return queryset.filter(**{province: user.province_id}) if user.province_id else queryset.none()
    if user.role == Role.OPERATOR and operator:
        own = {f"{operator}__representatives__person": user, f"{operator}__representatives__ended_on": None}
        return queryset.filter(**own)
    return queryset if user.role in STAFF_ROLES else queryset.none()


class UserQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> "UserQuerySet":
        if user.is_authenticated and user.is_active and user.role in (Role.ADMINISTRATOR, Role.AUDITOR):
            return self
        return self.none()

    def inspectors_of(self, province_id: int) -> "UserQuerySet":
        return self.filter(role=Role.INSPECTOR, province=province_id, is_active=True)


class PeopleManager(UserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    use_in_migrations = False
