from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from registry.querysets import NetworkQuerySet
from registry.states import NetworkKind


class Network(models.Model):
    """Facilities that have something in common by which a branch network shows. A view: nobody writes it."""

    code = models.CharField(primary_key=True, max_length=60)
    kind = models.CharField(_("what they share"), max_length=12, choices=NetworkKind)
    name_km = models.CharField(_("name in Khmer"), max_length=250)
    name_en = models.CharField(_("name in Latin letters"), max_length=250)
    sort_key = models.CharField(max_length=250)
    facility_ids = ArrayField(models.BigIntegerField())
    province_ids = ArrayField(models.BigIntegerField())
    sites = models.PositiveIntegerField(_("sites"))

    objects = NetworkQuerySet.as_manager()

    class Meta:
        managed = False
        db_table = "registry_network"
        verbose_name = _("branch network")
        verbose_name_plural = _("branch networks")

    def __str__(self) -> str:
        first, second = self.name_km, self.name_en
        return (first or second) if (get_language() or "").startswith("km") else (second or first)
