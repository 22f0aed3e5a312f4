from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from licensing.models.grant import Grant, constraints, triggers
from licensing.querysets import GrantQuerySet
from licensing.states import RUNNING
from registry.core.history import keep_history
from registry.models import Facility, Service


@keep_history(exclude=["last_day"])
class ServiceAuthorisation(Grant):
    """The permission for one site to offer one service that the general licence does not cover."""

    noun = "authorisation"
    facility = models.ForeignKey(
        Facility, models.PROTECT, related_name="service_authorisations", verbose_name=_("facility")
    )
    service = models.ForeignKey(Service, models.PROTECT, related_name="authorisations", verbose_name=_("service"))

    objects = GrantQuerySet.as_manager()

    class Meta:
        verbose_name = _("service authorisation")
        verbose_name_plural = _("service authorisations")
        indexes = [
            models.Index(fields=["facility", "service", "-valid_from"], name="authorisations_of_a_facility"),
            models.Index(fields=["last_day", "id"], name="authorisations_by_expiry"),
            models.Index(fields=["last_day"], condition=Q(state__in=RUNNING), name="authorisations_to_expire"),
            models.Index(fields=["-recorded_at", "-id"], name="authorisations_newest_first"),
        ]
        constraints = constraints(
            "authorisation",
            one_per={"facility": RangeOperators.EQUAL, "service": RangeOperators.EQUAL},
            name_of_one="one_authorisation_in_force_per_service",
        )
        triggers = triggers("authorisation", table="licensing_serviceauthorisation", what="service")
