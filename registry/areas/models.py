from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from registry.areas.querysets import AreaQuerySet, OperationalDistrictQuerySet
from registry.areas.states import AreaLevel


class Area(models.Model):
    """One province, district, commune or village of the official gazetteer of one vintage.

    Codes are text with leading zeros; two vintages may give one code to two places, so a code is
    unique only among the areas now in force.
    """

    code = models.CharField(_("code"), max_length=8)
    level = models.CharField(_("level"), max_length=8, choices=AreaLevel)
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children", verbose_name=_("part of"))
    province = models.ForeignKey("self", models.PROTECT, related_name="+", verbose_name=_("province"))
    name_km = models.CharField(_("name in Khmer"), max_length=120)
    name_en = models.CharField(_("name in Latin letters"), max_length=120)
    kind_km = models.CharField(_("kind in Khmer"), max_length=30)
    kind_en = models.CharField(_("kind"), max_length=30)
    search_key = models.CharField(max_length=260, editable=False)
    sort_key = models.TextField(editable=False, db_collation="C")
    source = models.CharField(_("source"), max_length=60)
    valid_from = models.DateField(_("in force from"), null=True)
    valid_to = models.DateField(_("in force until"), null=True)
    superseded_by = models.ForeignKey("self", models.PROTECT, null=True, related_name="supersedes")

    objects = AreaQuerySet.as_manager()

    class Meta:
        verbose_name = _("area")
        verbose_name_plural = _("areas")
        indexes = [
            models.Index(fields=["level", "sort_key"], name="area_by_level_in_khmer_order"),
            GinIndex(OpClass("search_key", "gin_trgm_ops"), name="area_search_trigram"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["code"], condition=Q(valid_to=None), name="one_area_in_force_per_code"),
            models.UniqueConstraint(fields=["id", "province"], name="area_knows_its_province"),
            models.CheckConstraint(condition=Q(code__regex=r"^([0-9]{2}){1,4}$"), name="area_code_is_pairs_of_digits"),
            models.CheckConstraint(
                condition=Q(level=AreaLevel.PROVINCE, parent=None) | (~Q(level=AreaLevel.PROVINCE) & ~Q(parent=None)),
                name="only_provinces_have_no_parent",
            ),
        ]

    def __str__(self) -> str:
        return self.name_km if (get_language() or "").startswith("km") else self.name_en


class OperationalDistrict(models.Model):
    """A health district of a province: its boundaries are not those of the administration."""

    code = models.CharField(_("code"), max_length=20, unique=True)
    name_km = models.CharField(_("name in Khmer"), max_length=120)
    name_en = models.CharField(_("name in Latin letters"), max_length=120)
    province = models.ForeignKey(Area, models.PROTECT, related_name="operational_districts", verbose_name=_("province"))

    objects = OperationalDistrictQuerySet.as_manager()

    class Meta:
        verbose_name = _("operational district")
        verbose_name_plural = _("operational districts")
        constraints = [
            models.UniqueConstraint(fields=["id", "province"], name="operational_district_knows_its_province")
        ]

    def __str__(self) -> str:
        return self.name_km if (get_language() or "").startswith("km") else self.name_en
