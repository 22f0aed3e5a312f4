from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from licensing.models.grant import Grant, constraints, triggers
from licensing.models.licence_type import LicenceType
from licensing.querysets import GrantQuerySet
from licensing.states import RUNNING
from registry.core.history import keep_history
from registry.models import Facility


@keep_history(exclude=["last_day"])
class Licence(Grant):
    """The permission for one site to operate, from its first to its last day, both included."""

    noun = "licence"
    facility = models.ForeignKey(Facility, models.PROTECT, related_name="licences", verbose_name=_("facility"))
    type = models.ForeignKey(LicenceType, models.PROTECT, related_name="licences", verbose_name=_("licence type"))

    objects = GrantQuerySet.as_manager()

    class Meta:
        verbose_name = _("licence")
        verbose_name_plural = _("licences")
        indexes = [
            models.Index(fields=["facility", "-valid_from"], name="licences_of_a_facility"),
            models.Index(fields=["last_day", "id"], name="licences_by_expiry"),
            models.Index(fields=["last_day"], condition=Q(state__in=RUNNING), name="licences_to_expire"),
            models.Index(fields=["-recorded_at", "-id"], name="licences_newest_first"),
        ]
        constraints = constraints(
            "licence", one_per={"facility": RangeOperators.EQUAL}, name_of_one="one_licence_in_force_per_facility"
        )
        triggers = triggers("licence", table="licensing_licence", what="type")
