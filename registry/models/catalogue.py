from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from registry.querysets import CatalogueQuerySet
from registry.states import Authority


class Catalogue(models.Model):
    """A short list kept as data: a code for machines, a name in Khmer and one in English."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name_km = models.CharField(_("name in Khmer"), max_length=160)
    name_en = models.CharField(_("name in English"), max_length=160)

    objects = CatalogueQuerySet.as_manager()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name_km if (get_language() or "").startswith("km") else self.name_en


class FacilityType(Catalogue):
    """What kind of place a facility is, who licenses it and how many beds it may have."""

    authority = models.CharField(_("issuing authority"), max_length=8, choices=Authority)
    licence_needed = models.BooleanField(_("needs a licence"))
    level = models.SlugField(
        _("level"), max_length=20, blank=True, help_text=_("Package of activities, for example mpa, cpa1, cpa2, cpa3.")
    )
    beds_from = models.PositiveIntegerField(_("beds from"), null=True, blank=True)
    beds_below = models.PositiveIntegerField(_("beds below"), null=True, blank=True)

    class Meta:
        verbose_name = _("facility type")
        verbose_name_plural = _("facility types")
        constraints = [
            models.CheckConstraint(
                condition=Q(beds_below=None) | Q(beds_from=None) | Q(beds_below__gt=F("beds_from")),
                name="beds_are_a_half_open_range",
            ),
        ]


class Service(Catalogue):
    """Something a facility offers to patients; some of it only with an authorisation of its own."""

    needs_authorisation = models.BooleanField(_("needs its own authorisation"))

    class Meta:
        verbose_name = _("service")
        verbose_name_plural = _("services")
