from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from registry.accounts.querysets import PeopleManager
from registry.accounts.states import PROVINCIAL_ROLES, Role
from registry.areas.models import Area


class User(AbstractUser):
    """A person who works with the register, in one role and, for provincial roles, one province."""

    role = models.CharField(_("role"), max_length=24, choices=Role)
    province = models.ForeignKey(Area, models.PROTECT, null=True, blank=True, verbose_name=_("province"))

    objects: ClassVar[PeopleManager] = PeopleManager()

    REQUIRED_FIELDS = ["role"]

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [
            models.CheckConstraint(condition=Q(role__in=Role.values), name="role_is_known"),
            models.CheckConstraint(
                condition=~Q(role__in=PROVINCIAL_ROLES) | Q(province__isnull=False),
                name="provincial_roles_have_a_province",
            ),
        ]

    def __str__(self) -> str:
        return self.get_full_name() or self.username
