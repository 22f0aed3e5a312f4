from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from enforcement.models.sweep_run import SweepRun
from enforcement.querysets import FlagQuerySet
from enforcement.states import EscalationLevel, FlagSeverity
from registry.models import Facility


class Flag(models.Model):
    """One rule that a facility breaks, from the day a sweep saw it to the day a sweep saw it gone."""

    rule = models.CharField(_("rule"), max_length=40)
    facility = models.ForeignKey(
        Facility, models.PROTECT, related_name="flags", db_index=False, verbose_name=_("facility")
    )
    subject = models.CharField(_("subject"), max_length=80, blank=True)
    severity = models.PositiveSmallIntegerField(_("severity"), choices=FlagSeverity)
    facts = models.JSONField(_("facts"), default=dict)
    since_on = models.DateField(_("true since"), null=True)
    raised_on = models.DateField(_("raised on"))
    raised_by = models.ForeignKey(SweepRun, models.PROTECT, related_name="raised", db_index=False)
    level = models.PositiveSmallIntegerField(
        _("escalated to"), choices=EscalationLevel, default=EscalationLevel.PROVINCE
    )
    escalates_on = models.DateField(_("escalates on"), null=True)
    cleared_on = models.DateField(_("cleared on"), null=True)
    cleared_by = models.ForeignKey(SweepRun, models.PROTECT, null=True, related_name="cleared", db_index=False)

    objects = FlagQuerySet.as_manager()

    class Meta:
        verbose_name = _("flag")
        verbose_name_plural = _("flags")
        indexes = [
            models.Index(fields=["-raised_on", "-id"], name="flags_newest_first"),
            models.Index(fields=["facility", "-raised_on"], name="flags_of_a_facility"),
            models.Index(fields=["escalates_on"], condition=Q(cleared_on=None), name="open_flags_by_escalation"),
            models.Index(fields=["rule"], condition=Q(cleared_on=None), name="open_flags_by_rule"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "facility", "subject"],
                condition=Q(cleared_on=None),
                name="one_open_flag_per_rule_and_subject",
            ),
            models.CheckConstraint(
                condition=Q(cleared_on=None, cleared_by=None) | Q(cleared_on__isnull=False, cleared_by__isnull=False),
                name="a_cleared_flag_says_by_which_sweep",
            ),
            models.CheckConstraint(condition=Q(severity__in=FlagSeverity.values), name="flag_severity_is_known"),
            models.CheckConstraint(condition=Q(level__in=EscalationLevel.values), name="flag_level_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.rule} {self.facility}"
