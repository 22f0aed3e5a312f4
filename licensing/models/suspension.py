import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _

from licensing.models.of_grant import SUSPENSIONS_FIT, OfGrant, decided_by_the_fit, of_one
from licensing.querysets import OfGrantQuerySet
from registry.core.history import keep_history

PERIOD = Func("from_on", "ends_on", Value("[)"), function="daterange")


@keep_history()
class Suspension(OfGrant):
    """From its first day until it is lifted the licence, or the authorisation for a service, does not hold."""

    grounds = models.TextField(_("grounds"))
    notice_on = models.DateField(_("notice given on"))
    from_on = models.DateField(_("suspended from"))
    review_on = models.DateField(_("to be looked at again on"), null=True, blank=True)
    ends_on = models.DateField(_("ended on"), null=True, blank=True, help_text=_("The first day without it."))
    decided_at = models.DateTimeField()
    decided_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    reason_of_end = models.TextField(_("why it ended"), blank=True)

    objects = OfGrantQuerySet.as_manager()

    class Meta:
        verbose_name = _("suspension")
        verbose_name_plural = _("suspensions")
        constraints = [
            of_one("a_suspension_is_of_one_thing"),
            models.CheckConstraint(condition=~Q(grounds=""), name="a_suspension_has_grounds"),
            models.CheckConstraint(condition=Q(notice_on__lte=F("from_on")), name="notice_comes_before_suspension"),
            models.CheckConstraint(
                condition=Q(ends_on=None, ended_at=None)
                | (Q(ends_on__gte=F("from_on"), ended_at__isnull=False) & ~Q(reason_of_end="")),
                name="an_ended_suspension_says_why",
            ),
            ExclusionConstraint(
                name="one_suspension_of_a_licence_at_a_time",
                expressions=[("licence", RangeOperators.EQUAL), (PERIOD, RangeOperators.OVERLAPS)],
                condition=Q(licence__isnull=False),
            ),
            ExclusionConstraint(
                name="one_suspension_of_an_authorisation_at_a_time",
                expressions=[("authorisation", RangeOperators.EQUAL), (PERIOD, RangeOperators.OVERLAPS)],
                condition=Q(authorisation__isnull=False),
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="suspensions_are_never_deleted", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="a_suspension_that_ended_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__ends_on__isnull=False),
            ),
            pgtrigger.ReadOnly(
                name="a_suspension_is_of_the_same_for_ever",
                fields=["licence", "authorisation", "from_on", "decided_by"],
            ),
            pgtrigger.Trigger(
                name="suspended_by_the_fit",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func=decided_by_the_fit("decided_by", "ended_by", never_who_recorded=True),
            ),
            pgtrigger.Trigger(
                name="a_suspension_is_of_who_is_suspended",
                when=pgtrigger.After,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("ends_on", "from_on"),
                timing=pgtrigger.Deferred,
                func=SUSPENSIONS_FIT,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.from_on} – {self.ends_on or ''}"
