import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from inspections.models.visit import Visit
from inspections.querysets import BackCheckQuerySet, BackCheckRoundQuerySet
from registry.core.history import keep_history

ANOTHER_INSPECTOR = """
    IF NEW.repeat_id IS NOT NULL AND EXISTS (
        SELECT 1 FROM inspections_visit o JOIN inspections_visit r ON r.id = NEW.repeat_id
        WHERE o.id = NEW.original_id AND (
            r.facility_id <> o.facility_id OR r.inspector_id = o.inspector_id
            OR EXISTS (SELECT 1 FROM inspections_visitmember a JOIN inspections_visitmember b USING (person_id)
                       WHERE a.visit_id = o.id AND b.visit_id = r.id)
        )
    ) THEN
        RAISE EXCEPTION 'back-check % repeats its own inspectors or another facility', NEW.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
"""


@keep_history()
class BackCheckRound(models.Model):
    """One drawing of visits to be repeated."""

    from_on = models.DateField(_("visits from"))
    until_on = models.DateField(_("visits until"))
    percent = models.DecimalField(_("share in per cent"), max_digits=5, decimal_places=2)
    seed = models.PositiveBigIntegerField(_("seed"))
    """The same seed over the same visits draws the same sample."""
    drawn_at = models.DateTimeField(_("drawn at"))
    drawn_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")

    objects = BackCheckRoundQuerySet.as_manager()

    class Meta:
        verbose_name = _("round of back-checks")
        verbose_name_plural = _("rounds of back-checks")
        constraints = [
            models.CheckConstraint(condition=Q(until_on__gte=F("from_on")), name="back_check_period_is_whole"),
            models.CheckConstraint(condition=Q(percent__gt=0, percent__lte=100), name="back_check_share_is_a_share"),
            models.UniqueConstraint(fields=["from_on", "until_on", "seed"], name="a_round_is_drawn_once"),
        ]

    def __str__(self) -> str:
        return f"{self.from_on} – {self.until_on}"


@keep_history()
class BackCheck(models.Model):
    """A visit that is, or is to be, repeated by other inspectors who do not see its result."""

    round = models.ForeignKey(BackCheckRound, models.PROTECT, related_name="checks")
    original = models.OneToOneField(Visit, models.PROTECT, related_name="back_check")
    repeat = models.OneToOneField(Visit, models.PROTECT, null=True, related_name="back_check_of")
    stratum = models.CharField(_("stratum"), max_length=120)

    objects = BackCheckQuerySet.as_manager()

    class Meta:
        verbose_name = _("back-check")
        verbose_name_plural = _("back-checks")
        triggers = [
            pgtrigger.Trigger(
                name="others_repeat_a_visit",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func=ANOTHER_INSPECTOR,
            )
        ]

    def __str__(self) -> str:
        return str(self.original)
