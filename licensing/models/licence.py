from datetime import date

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext_lazy as _

from licensing.models.licence_type import LicenceType
from licensing.querysets import LicenceQuerySet
from licensing.states import ONCE_IN_FORCE, LicencePhase, LicenceState
from registry.core.history import keep_history
from registry.models import Facility


@keep_history(exclude=["last_day"])
class Licence(models.Model):
    """The permission for one site to operate, from its first to its last day, both included."""

    number = models.CharField(_("licence number"), max_length=40, unique=True)
    facility = models.ForeignKey(Facility, models.PROTECT, related_name="licences", verbose_name=_("facility"))
    type = models.ForeignKey(LicenceType, models.PROTECT, related_name="licences", verbose_name=_("licence type"))
    state = models.CharField(_("state"), max_length=12, choices=LicenceState, default=LicenceState.RECORDED)
    valid_from = models.DateField(_("valid from"))
    valid_until = models.DateField(_("valid until"))
    ended_on = models.DateField(_("ended on"), null=True, blank=True, help_text=_("The first day without the licence."))
    last_day = models.GeneratedField(
        verbose_name=_("last day in force"),
        expression=RawSQL("LEAST(valid_until, ended_on - 1)", ()),
        output_field=models.DateField(),
        db_persist=True,
    )
    reason = models.TextField(_("reason"), blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    source = models.CharField(max_length=60, blank=True)

    objects = LicenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("licence")
        verbose_name_plural = _("licences")
        indexes = [
            models.Index(fields=["facility", "-valid_from"], name="licences_of_a_facility"),
            models.Index(fields=["last_day", "id"], name="licences_by_expiry"),
            models.Index(fields=["-recorded_at", "-id"], name="licences_newest_first"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=LicenceState.values), name="licence_state_is_known"),
            models.CheckConstraint(condition=Q(valid_until__gte=F("valid_from")), name="licence_period_is_whole"),
            models.CheckConstraint(
                condition=Q(state__in=[LicenceState.REVOKED, LicenceState.SURRENDERED], ended_on__isnull=False)
                | (~Q(state__in=[LicenceState.REVOKED, LicenceState.SURRENDERED]) & Q(ended_on=None)),
                name="only_an_ended_licence_has_an_end",
            ),
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(ended_on__gte=F("valid_from"), ended_on__lte=F("valid_until")),
                name="licence_ends_early_within_its_period",
            ),
            models.CheckConstraint(
                condition=Q(recorded_by=None) | Q(decided_by=None) | ~Q(recorded_by=F("decided_by")),
                name="nobody_approves_an_own_licence",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=ONCE_IN_FORCE) | Q(decided_by__isnull=False) | ~Q(source=""),
                name="a_licence_is_approved_by_somebody",
            ),
            ExclusionConstraint(
                name="one_licence_in_force_per_facility",
                expressions=[
                    ("facility", RangeOperators.EQUAL),
                    (
                        # Half-open, so that a licence that ended before it began is an empty range and bars nobody.
                        Func(
                            "valid_from",
                            Func(F("valid_until") + Value(1), "ended_on", function="LEAST"),
                            Value("[)"),
                            function="daterange",
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(state__in=ONCE_IN_FORCE),
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def phase(self, on: date) -> LicencePhase:
        """What the licence is on that day; both its first and its last day are in force."""
        if self.state != LicenceState.ISSUED:
            return LicencePhase(self.state)
        if on < self.valid_from:
            return LicencePhase.UPCOMING
        return LicencePhase.IN_FORCE if on <= self.valid_until else LicencePhase.EXPIRED
