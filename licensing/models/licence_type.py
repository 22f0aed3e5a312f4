from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from licensing.querysets import CatalogueQuerySet
from registry.models import FacilityType
from registry.states import Authority


class LicenceType(models.Model):
    """A kind of licence: who issues it, to which facilities. What holds for it from which day are its terms."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name_km = models.CharField(_("name in Khmer"), max_length=200)
    name_en = models.CharField(_("name in English"), max_length=200)
    authority = models.CharField(_("issuing authority"), max_length=8, choices=Authority)
    facility_types = models.ManyToManyField(FacilityType, related_name="licence_types", blank=True)

    objects = CatalogueQuerySet.as_manager()

    class Meta:
        verbose_name = _("licence type")
        verbose_name_plural = _("licence types")
        constraints = [
            models.CheckConstraint(condition=Q(authority__in=Authority.values), name="licence_authority_is_known"),
        ]

    def __str__(self) -> str:
        return self.name_km if (get_language() or "").startswith("km") else self.name_en
