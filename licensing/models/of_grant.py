"""Rows that belong to a licence or to an authorisation for a service, never to both."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from licensing.models.grant import Grant
from licensing.models.licence import Licence
from licensing.models.service_authorisation import ServiceAuthorisation


class OfGrant(models.Model):
    licence = models.ForeignKey(
        Licence, models.PROTECT, null=True, blank=True, related_name="%(class)ss", verbose_name=_("licence")
    )
    authorisation = models.ForeignKey(
        ServiceAuthorisation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="%(class)ss",
        verbose_name=_("service authorisation"),
    )

    class Meta:
        abstract = True

    @property
    def grant(self) -> Grant:
        return self.licence or self.authorisation  # type: ignore[return-value]


def of_one(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(licence__isnull=False, authorisation=None) | Q(licence=None, authorisation__isnull=False), name=name
    )
