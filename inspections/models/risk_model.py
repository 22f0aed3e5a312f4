from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from inspections.models.frozen import frozen_once_published
from inspections.querysets import RulesetQuerySet
from inspections.states import VersionState


class RiskModel(models.Model):
    """How much each reason weighs in the order of work, from one day to another."""

    code = models.SlugField(_("code"), max_length=60)
    number = models.PositiveIntegerField(_("version"))
    name = models.CharField(_("name"), max_length=200)
    source = models.CharField(_("source"), max_length=300, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=VersionState, default=VersionState.DRAFT)
    valid_from = models.DateField(_("in force from"))
    valid_until = models.DateField(_("in force until"), null=True, blank=True)
    weights = models.JSONField(_("weights"))
    """Points by the code of the factor (`rules.FACTORS`): {"never_inspected": 40}."""

    objects = RulesetQuerySet.as_manager()

    class Meta:
        verbose_name = _("order of work")
        verbose_name_plural = _("orders of work")
        constraints = [
            models.UniqueConstraint(fields=["code", "number"], name="risk_models_are_numbered"),
            models.CheckConstraint(condition=Q(state__in=VersionState.values), name="risk_model_state_is_known"),
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gte=F("valid_from")), name="risk_model_period_is_whole"
            ),
            ExclusionConstraint(
                name="one_risk_model_in_force",
                expressions=[
                    (
                        Func("valid_from", "valid_until", models.Value("[]"), function="daterange"),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(state=VersionState.PUBLISHED),
            ),
        ]
        triggers = frozen_once_published("risk_model", but="valid_until")

    def __str__(self) -> str:
        return f"{self.name} v{self.number}"
