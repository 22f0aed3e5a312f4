from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from registry.querysets import CatalogueQuerySet


class PublicHoliday(models.Model):
    """A day on which no office works; deadlines in working days step over it."""

    day = models.DateField(_("day"), unique=True)
    name_km = models.CharField(_("name in Khmer"), max_length=160)
    name_en = models.CharField(_("name in English"), max_length=160)
    source = models.CharField(_("source"), max_length=300)

    objects = CatalogueQuerySet.as_manager()

    class Meta:
        verbose_name = _("public holiday")
        verbose_name_plural = _("public holidays")

    def __str__(self) -> str:
        return self.name_km if (get_language() or "").startswith("km") else self.name_en
