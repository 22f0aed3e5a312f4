from django.db import models
from django.db.models import Q
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext_lazy as _

from inspections.models.visit import Visit
from inspections.querysets import OfFacilityQuerySet
from inspections.states import Scope, Severity
from registry.core.history import keep_history
from registry.models import Facility


@keep_history(exclude=["grid"])
class Finding(models.Model):
    """Something that was not as the standard asks, seen on one visit."""

    visit = models.ForeignKey(Visit, models.PROTECT, related_name="findings")
    facility = models.ForeignKey(Facility, models.PROTECT, related_name="findings")
    item_code = models.CharField(_("item"), max_length=60, blank=True)
    clause = models.CharField(_("clause"), max_length=120)
    text = models.TextField(_("what was found"))
    severity = models.PositiveSmallIntegerField(_("severity"), choices=Severity)
    scope = models.PositiveSmallIntegerField(_("scope"), choices=Scope, default=Scope.ISOLATED)
    grid = models.GeneratedField(
        expression=RawSQL("substr('ABCDEFGHIJKL', (severity - 1) * 3 + scope, 1)", ()),
        output_field=models.CharField(max_length=1),
        db_persist=True,
    )
    corrected_on = models.DateField(_("corrected on"), null=True, blank=True)
    recorded_at = models.DateTimeField()

    objects = OfFacilityQuerySet.as_manager()

    class Meta:
        verbose_name = _("finding")
        verbose_name_plural = _("findings")
        indexes = [models.Index(fields=["facility", "corrected_on"], name="findings_of_a_facility")]
        constraints = [
            models.CheckConstraint(condition=Q(severity__range=(1, 4)), name="severity_is_known"),
            models.CheckConstraint(condition=Q(scope__range=(1, 3)), name="scope_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.clause} {self.text}"[:120]
