from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from registry.core.history import keep_history
from registry.models.operator import Operator
from registry.querysets import RepresentativeQuerySet


@keep_history()
class Representative(models.Model):
    """A person who acts for an operator in an own account: applies, answers, reads the operator's licences."""

    person = models.ForeignKey(
        "accounts.User", models.PROTECT, related_name="representations", verbose_name=_("person")
    )
    operator = models.ForeignKey(Operator, models.PROTECT, related_name="representatives", verbose_name=_("operator"))
    appointed_at = models.DateTimeField(_("appointed at"))
    appointed_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    ended_on = models.DateField(_("ended on"), null=True, blank=True, help_text=_("The first day without it."))

    objects = RepresentativeQuerySet.as_manager()

    class Meta:
        verbose_name = _("representative")
        verbose_name_plural = _("representatives")
        constraints = [
            models.UniqueConstraint(
                fields=["person", "operator"], condition=Q(ended_on=None), name="a_person_represents_an_operator_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} – {self.operator}"
