from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from inspections.models.frozen import frozen_once_published, refuse_in_frozen
from inspections.querysets import RulebookQuerySet, RulesetQuerySet
from inspections.states import BandCode, Scope, Severity, VersionState


class Ruleset(models.Model):
    """How answers become a band and a next due date, from one day to another."""

    code = models.SlugField(_("code"), max_length=60)
    number = models.PositiveIntegerField(_("version"))
    name = models.CharField(_("name"), max_length=200)
    source = models.CharField(_("source"), max_length=300, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=VersionState, default=VersionState.DRAFT)
    valid_from = models.DateField(_("in force from"))
    valid_until = models.DateField(_("in force until"), null=True, blank=True)
    decimal_places = models.PositiveSmallIntegerField(
        _("decimal places of the score"),
        default=2,
        help_text=_("The percentage is rounded half up to so many places before it is put into a band."),
    )
    hard_maximum_months = models.PositiveSmallIntegerField(
        _("longest time between two visits, in months"),
        help_text=_("However good the band, the next visit is due after so many months."),
    )
    critical_cap = models.CharField(
        _("best band with a failed critical item"),
        max_length=30,
        choices=BandCode,
        default=BandCode.MINIMALLY_COMPLIANT,
    )
    unlicensed_band = models.CharField(
        _("band without any licence"),
        max_length=30,
        choices=BandCode,
        blank=True,
        help_text=_("Whatever the score. Empty: the licence does not decide the band."),
    )

    grace_months = models.PositiveSmallIntegerField(
        _("months given once to renew an expired licence"),
        default=0,
        help_text=_("0: an expired licence does not decide anything."),
    )
    longest_by_type = models.JSONField(_("longest time by facility type"), default=dict, blank=True)
    """Months between two visits at most, by the code of the facility type: {"pharmacy": 12}."""

    objects = RulesetQuerySet.as_manager()

    class Meta:
        verbose_name = _("ruleset")
        verbose_name_plural = _("rulesets")
        constraints = [
            models.UniqueConstraint(fields=["code", "number"], name="ruleset_versions_are_numbered"),
            models.UniqueConstraint(
                fields=["code"], condition=Q(state=VersionState.DRAFT), name="one_draft_per_ruleset"
            ),
            models.CheckConstraint(condition=Q(hard_maximum_months__gte=1), name="hard_maximum_is_a_month_or_more"),
            models.CheckConstraint(condition=Q(state__in=VersionState.values), name="ruleset_state_is_known"),
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gte=F("valid_from")), name="ruleset_period_is_whole"
            ),
            ExclusionConstraint(
                name="one_version_of_a_ruleset_in_force",
                expressions=[
                    ("code", RangeOperators.EQUAL),
                    (
                        Func("valid_from", "valid_until", models.Value("[]"), function="daterange"),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(state=VersionState.PUBLISHED),
            ),
            models.CheckConstraint(
                condition=Q(unlicensed_band="") | Q(unlicensed_band__in=BandCode.values),
                name="unlicensed_band_is_known",
            ),
            models.CheckConstraint(condition=Q(critical_cap__in=BandCode.values), name="critical_cap_is_known"),
            models.CheckConstraint(condition=Q(decimal_places__lte=2), name="a_stored_score_keeps_its_places"),
        ]
        triggers = frozen_once_published("ruleset", but="valid_until")

    def __str__(self) -> str:
        return f"{self.name} v{self.number}"


class Band(models.Model):
    """A half-open interval of percentages and what it means for the facility."""

    ruleset = models.ForeignKey(Ruleset, models.CASCADE, related_name="bands")
    code = models.CharField(_("band"), max_length=30, choices=BandCode)
    from_percent = models.DecimalField(_("from"), max_digits=5, decimal_places=2)
    below_percent = models.DecimalField(_("below"), max_digits=5, decimal_places=2, null=True, blank=True)
    months_to_next_visit = models.PositiveSmallIntegerField(_("months to the next visit"), null=True, blank=True)

    closure_at_visit = models.PositiveSmallIntegerField(
        _("closure is proposed at visit"),
        null=True,
        blank=True,
        help_text=_("If so many visits in a row ended in this band or a lower one. 1: at once. Empty: never."),
    )

    objects = RulebookQuerySet.as_manager()

    class Meta:
        verbose_name = _("band")
        verbose_name_plural = _("bands")
        constraints = [
            models.UniqueConstraint(fields=["ruleset", "code"], name="a_band_appears_once"),
            ExclusionConstraint(
                name="bands_do_not_overlap",
                expressions=[
                    ("ruleset", RangeOperators.EQUAL),
                    (
                        Func("from_percent", "below_percent", models.Value("[)"), function="numrange"),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
            models.CheckConstraint(condition=Q(code__in=BandCode.values), name="band_is_known"),
        ]
        triggers = [
            refuse_in_frozen("bands", table="inspections_ruleset", keys="NEW.ruleset_id", former="OLD.ruleset_id")
        ]

    def __str__(self) -> str:
        return self.get_code_display()


class GridCell(models.Model):
    """What one severity and one scope together are called, and how long the facility has to put it right."""

    ruleset = models.ForeignKey(Ruleset, models.CASCADE, related_name="grid")
    severity = models.PositiveSmallIntegerField(_("severity"), choices=Severity)
    scope = models.PositiveSmallIntegerField(_("scope"), choices=Scope)
    letter = models.CharField(_("letter"), max_length=1)
    correction_days = models.PositiveSmallIntegerField(
        _("working days to put it right"),
        null=True,
        blank=True,
        help_text=_("Counted from the approval of the visit. Empty: no corrective action is asked for."),
    )

    objects = RulebookQuerySet.as_manager()

    class Meta:
        verbose_name = _("cell of the severity grid")
        verbose_name_plural = _("severity grid")
        constraints = [
            models.UniqueConstraint(fields=["ruleset", "severity", "scope"], name="a_cell_appears_once"),
            models.UniqueConstraint(fields=["ruleset", "letter"], name="a_letter_names_one_cell"),
            models.CheckConstraint(condition=Q(severity__range=(1, 4)), name="cell_severity_is_known"),
            models.CheckConstraint(condition=Q(scope__range=(1, 3)), name="cell_scope_is_known"),
        ]
        triggers = [
            refuse_in_frozen("cells", table="inspections_ruleset", keys="NEW.ruleset_id", former="OLD.ruleset_id")
        ]

    def __str__(self) -> str:
        return self.letter
