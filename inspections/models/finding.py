from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from inspections.models.visit import Visit
from inspections.querysets import OfFacilityQuerySet
from inspections.states import CorrectedHow, Mended, Scope, Severity
from registry.core.history import keep_history
from registry.models import Facility


@keep_history()
class Finding(models.Model):
    """Something that was not as the standard asks, seen on one visit."""

    visit = models.ForeignKey(Visit, models.PROTECT, related_name="findings")
    facility = models.ForeignKey(Facility, models.PROTECT, related_name="findings")
    item_code = models.CharField(_("item"), max_length=60, blank=True)
    clause = models.CharField(_("clause"), max_length=120)
    text = models.TextField(_("what was found"))
    severity = models.PositiveSmallIntegerField(_("severity"), choices=Severity)
    scope = models.PositiveSmallIntegerField(_("scope"), choices=Scope, default=Scope.ISOLATED)
    grid = models.CharField(_("letter of the severity grid"), max_length=1)
    """As the ruleset of the visit calls this severity and scope."""
    corrected_on = models.DateField(_("corrected on"), null=True, blank=True)
    corrected_how = models.CharField(
        _("how it was corrected"), max_length=11, choices=CorrectedHow, blank=True, db_default=""
    )
    recorded_at = models.DateTimeField()

    objects = OfFacilityQuerySet.as_manager()

    class Meta:
        verbose_name = _("finding")
        verbose_name_plural = _("findings")
        indexes = [
            models.Index(fields=["facility", "corrected_on"], name="findings_of_a_facility"),
            models.Index(fields=["-recorded_at", "-id"], name="findings_newest_first"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(severity__range=(1, 4)), name="severity_is_known"),
            models.CheckConstraint(condition=Q(scope__range=(1, 3)), name="scope_is_known"),
            models.CheckConstraint(
                condition=Q(corrected_how="") | Q(corrected_on__isnull=False, corrected_how__in=CorrectedHow.values),
                name="what_is_corrected_has_a_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.clause} {self.text}"[:120]


@keep_history()
class FindingCheck(models.Model):
    """What a later visit said of a finding that was still open."""

    finding = models.ForeignKey(Finding, models.PROTECT, related_name="checks")
    visit = models.ForeignKey(Visit, models.PROTECT, related_name="finding_checks")
    mended = models.CharField(_("mended"), max_length=3, choices=Mended)
    note = models.TextField(_("note"), blank=True)

    class Meta:
        verbose_name = _("check of an earlier finding")
        verbose_name_plural = _("checks of earlier findings")
        constraints = [
            models.UniqueConstraint(fields=["finding", "visit"], name="a_visit_checks_a_finding_once"),
            models.CheckConstraint(condition=Q(mended__in=Mended.values), name="mended_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.finding}: {self.get_mended_display()}"
