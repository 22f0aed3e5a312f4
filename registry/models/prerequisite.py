from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from registry.core.history import keep_history
from registry.models.catalogue import Service
from registry.models.council import Council
from registry.models.equipment import EquipmentKind
from registry.querysets import CatalogueQuerySet


@keep_history()
class Prerequisite(models.Model):
    """What a facility must have before it may offer a service: so many practitioners, or so many devices."""

    service = models.ForeignKey(Service, models.PROTECT, related_name="prerequisites", verbose_name=_("service"))
    council = models.ForeignKey(
        Council, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("council")
    )
    equipment_kind = models.ForeignKey(
        EquipmentKind, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("kind of equipment")
    )
    least = models.PositiveSmallIntegerField(_("at least"), default=1)
    clause = models.CharField(_("clause"), max_length=300, help_text=_("The law or standard that asks for it."))

    objects = CatalogueQuerySet.as_manager()

    class Meta:
        verbose_name = _("prerequisite")
        verbose_name_plural = _("prerequisites")
        constraints = [
            models.CheckConstraint(
                condition=Q(council=None, equipment_kind__isnull=False) | Q(council__isnull=False, equipment_kind=None),
                name="a_prerequisite_is_of_people_or_of_equipment",
            ),
            models.CheckConstraint(condition=Q(least__gte=1), name="a_prerequisite_asks_for_one_or_more"),
            models.UniqueConstraint(
                fields=["service", "council", "equipment_kind"],
                nulls_distinct=False,
                name="a_service_asks_for_a_thing_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.service}: {self.least} {self.council or self.equipment_kind}"
