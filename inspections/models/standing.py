from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from inspections.models.visit import Visit
from inspections.querysets import StandingQuerySet
from inspections.states import BandCode
from registry.core.history import keep_history
from registry.models import Facility


@keep_history()
class Standing(models.Model):
    """Where a facility stands after its last completed and approved visit; written by approval only."""

    facility = models.OneToOneField(Facility, models.PROTECT, primary_key=True, related_name="standing")
    visit = models.OneToOneField(Visit, models.PROTECT, related_name="+")
    last_visit_on = models.DateField(_("last visit"))
    score = models.DecimalField(_("score"), max_digits=5, decimal_places=2, null=True)
    band = models.CharField(_("band"), max_length=30, choices=BandCode, blank=True)
    visits_in_band = models.PositiveIntegerField(_("visits in this band"), default=1)
    next_due_on = models.DateField(_("next visit due on"))

    objects = StandingQuerySet.as_manager()

    class Meta:
        verbose_name = _("standing")
        verbose_name_plural = _("standings")
        indexes = [models.Index(fields=["next_due_on"], name="standing_by_due_date")]
        constraints = [
            models.CheckConstraint(
                condition=Q(next_due_on__gte=models.F("last_visit_on")), name="due_after_the_last_visit"
            ),
            models.CheckConstraint(condition=Q(band="") | Q(band__in=BandCode.values), name="standing_band_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.facility} {self.get_band_display()}"
