from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from registry.core.history import keep_history
from registry.models.facility import Facility
from registry.models.operator import Operator
from registry.querysets import InterestQuerySet


@keep_history()
class Interest(models.Model):
    """What ties a person of the authority to a facility or an operator, so that the person must not decide there."""

    person = models.ForeignKey("accounts.User", models.PROTECT, related_name="interests", verbose_name=_("person"))
    facility = models.ForeignKey(
        Facility, models.PROTECT, null=True, blank=True, related_name="interests", verbose_name=_("facility")
    )
    operator = models.ForeignKey(
        Operator, models.PROTECT, null=True, blank=True, related_name="interests", verbose_name=_("operator")
    )
    nature = models.TextField(_("nature of the interest"))
    declared_on = models.DateField(_("declared on"))
    ended_on = models.DateField(_("ended on"), null=True, blank=True, help_text=_("The first day without it."))

    objects = InterestQuerySet.as_manager()

    class Meta:
        verbose_name = _("declared interest")
        verbose_name_plural = _("declared interests")
        constraints = [
            models.CheckConstraint(
                condition=Q(facility=None, operator__isnull=False) | Q(facility__isnull=False, operator=None),
                name="an_interest_is_in_a_facility_or_an_operator",
            ),
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(ended_on__gte=F("declared_on")), name="interest_ends_after_it_began"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.facility or self.operator}"
