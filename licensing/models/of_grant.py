"""Rows that belong to a licence or to an authorisation for a service, never to both."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from licensing.models.grant import SUSPENDED_OR_NOT, Grant
from licensing.models.interested import NO_INTEREST
from licensing.models.licence import Licence
from licensing.models.service_authorisation import ServiceAuthorisation

FACILITY = """COALESCE(
        (SELECT l.facility_id FROM licensing_licence l WHERE l.id = NEW.licence_id),
        (SELECT a.facility_id FROM licensing_serviceauthorisation a WHERE a.id = NEW.authorisation_id)
    )"""
RECORDED_BY = FACILITY.replace("facility_id", "recorded_by_id")
SUSPENSIONS_FIT = (
    SUSPENDED_OR_NOT.format(table="licensing_licence", column="licence_id", id="NEW.licence_id")
    + SUSPENDED_OR_NOT.format(
        table="licensing_serviceauthorisation", column="authorisation_id", id="NEW.authorisation_id"
    )
    + "    RETURN NULL;"
)


def decided_by_the_fit(*people: str, never_who_recorded: bool = False) -> str:
    """SQL of a trigger: none of these has an interest in the facility, and none recorded the licence where asked."""
    sql = "".join(NO_INTEREST.format(facility=FACILITY, person=f"NEW.{person}_id") for person in people)
    if never_who_recorded:
        sql += f"""
    IF {RECORDED_BY} IN ({", ".join(f"NEW.{person}_id" for person in people)}) THEN
        RAISE EXCEPTION 'who recorded it does not suspend it' USING ERRCODE = 'restrict_violation';
    END IF;
"""
    return sql + "    RETURN NEW;"


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
