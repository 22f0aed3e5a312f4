from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from registry.core.history import keep_history
from registry.querysets import OperatorQuerySet
from registry.states import OperatorKind


@keep_history(exclude=["search_key"])
class Operator(models.Model):
    """The person or organisation that runs facilities, possibly under a parent or brand."""

    name_km = models.CharField(_("name in Khmer"), max_length=200, blank=True)
    name_en = models.CharField(_("name in Latin letters"), max_length=200, blank=True)
    kind = models.CharField(_("kind"), max_length=12, choices=OperatorKind)
    foreign = models.BooleanField(_("foreign"), default=False)
    registration_number = models.CharField(_("registration number"), max_length=40, blank=True)
    phone = models.CharField(_("telephone"), max_length=40, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="branches", verbose_name=_("belongs to")
    )
    search_key = models.CharField(max_length=420, editable=False)

    objects = OperatorQuerySet.as_manager()

    class Meta:
        verbose_name = _("operator")
        verbose_name_plural = _("operators")
        indexes = [GinIndex(OpClass("search_key", "gin_trgm_ops"), name="operator_search_trigram")]
        constraints = [
            models.CheckConstraint(condition=~Q(name_km="", name_en=""), name="operator_has_a_name"),
            models.CheckConstraint(condition=~Q(parent=F("id")), name="operator_is_not_its_own_parent"),
            models.CheckConstraint(condition=Q(kind__in=OperatorKind.values), name="operator_kind_is_known"),
        ]

    def __str__(self) -> str:
        first, second = self.name_km, self.name_en
        return (first or second) if (get_language() or "").startswith("km") else (second or first)
