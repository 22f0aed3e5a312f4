from datetime import date
from typing import Any

from django.db import models
from django.db.models import Q

from registry.areas.states import AreaLevel


class AreaQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> "AreaQuerySet":
        """Where places are is no secret: everyone who is logged in sees every area."""
        return self if user.is_authenticated and user.is_active else self.none()

    def provinces(self) -> "AreaQuerySet":
        return self.filter(level=AreaLevel.PROVINCE)

    def in_force(self) -> "AreaQuerySet":
        return self.filter(valid_to=None)

    def with_code(self, typed: str) -> "AreaQuerySet":
        """The area in force with exactly this code, or none where the text is no code at all."""
        return self.in_force().filter(code=typed) if typed.isascii() and typed.isdecimal() else self.none()

    def current(self, on: date) -> "AreaQuerySet":
        return self.filter(Q(valid_to=None) | Q(valid_to__gte=on))


class OperationalDistrictQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> "OperationalDistrictQuerySet":
        return self if user.is_authenticated and user.is_active else self.none()
