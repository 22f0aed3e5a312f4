from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.db.models.expressions import RawSQL
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from registry.core.history import keep_history
from registry.models.council import Council
from registry.querysets import PractitionerQuerySet
from registry.states import Cadre

HOME = "KH"


@keep_history(exclude=["foreign", "practises_until", "search_key", "sort_key"])
class Practitioner(models.Model):
    """A health professional in the register of a council."""

    council = models.ForeignKey(
        Council, models.PROTECT, db_index=False, related_name="practitioners", verbose_name=_("council")
    )
    council_number = models.CharField(_("council number"), max_length=40)
    name_km = models.CharField(_("name in Khmer"), max_length=160, blank=True)
    name_en = models.CharField(_("name in Latin letters"), max_length=160, blank=True)
    cadre = models.CharField(_("profession"), max_length=20, choices=Cadre)
    nationality = models.CharField(_("nationality"), max_length=2, default=HOME)
    """ISO 3166-1 alpha-2."""
    foreign = models.GeneratedField(
        verbose_name=_("foreign"),
        expression=RawSQL("nationality <> 'KH'", ()),
        output_field=models.BooleanField(),
        db_persist=True,
    )
    licensed_until = models.DateField(_("council licence valid until"), null=True, blank=True)
    permission_number = models.CharField(_("permission for foreigners, number"), max_length=40, blank=True)
    permission_until = models.DateField(_("permission for foreigners, valid until"), null=True, blank=True)
    struck_off_on = models.DateField(
        _("struck off on"), null=True, blank=True, help_text=_("The first day on which the council does not list them.")
    )
    practises_until = models.GeneratedField(
        verbose_name=_("may practise until"),
        # LEAST leaves out what is null, and without a council licence nobody practises.
        expression=RawSQL(
            "CASE WHEN licensed_until IS NOT NULL THEN LEAST(licensed_until, permission_until, struck_off_on - 1) END",
            (),
        ),
        output_field=models.DateField(null=True),
        db_persist=True,
    )
    source = models.CharField(_("source"), max_length=60, blank=True)
    changed_at = models.DateTimeField(_("changed at"), editable=False)
    search_key = models.CharField(max_length=400, editable=False)
    sort_key = models.TextField(editable=False, db_collation="C")

    objects = PractitionerQuerySet.as_manager()

    class Meta:
        verbose_name = _("practitioner")
        verbose_name_plural = _("practitioners")
        indexes = [
            GinIndex(OpClass("search_key", "gin_trgm_ops"), name="practitioner_search_trigram"),
            models.Index(fields=["sort_key", "id"], name="practitioners_in_khmer_order"),
            models.Index(fields=["practises_until", "id"], name="practitioners_by_last_day"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["council", "council_number"], name="a_council_number_names_one_practitioner"
            ),
            models.CheckConstraint(condition=~Q(council_number=""), name="practitioner_has_a_council_number"),
            models.CheckConstraint(condition=~Q(name_km="", name_en=""), name="practitioner_has_a_name"),
            models.CheckConstraint(condition=Q(cadre__in=Cadre.values), name="cadre_is_known"),
            models.CheckConstraint(condition=Q(nationality__regex="^[A-Z]{2}$"), name="nationality_is_two_letters"),
            models.CheckConstraint(
                condition=Q(nationality=HOME, permission_number="", permission_until=None)
                | (~Q(nationality=HOME) & ~Q(permission_number="") & Q(permission_until__isnull=False)),
                name="foreigners_and_nobody_else_have_a_permission",
            ),
        ]

    def __str__(self) -> str:
        first, second = self.name_km, self.name_en
        return (first or second) if (get_language() or "").startswith("km") else (second or first)
