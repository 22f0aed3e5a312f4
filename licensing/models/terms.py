import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from inspections.states import BandCode
from licensing.models.licence_type import LicenceType
from licensing.querysets import LicenceTermsQuerySet, OfTermsQuerySet
from licensing.states import ApplicationKind
from registry.core.dates import TODAY_IN_SQL
from registry.core.history import keep_history

ONLY_BEFORE_THEY_HOLD = f"""
    IF OLD.valid_from <= {TODAY_IN_SQL} THEN
        RAISE EXCEPTION 'terms % hold since %', OLD.id, OLD.valid_from USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
"""
PARTS_STAY_WITH_THEIR_TERMS = f"""
    IF TG_OP <> 'INSERT' AND EXISTS (
        SELECT 1 FROM licensing_licenceterms t WHERE t.id = OLD.terms_id AND t.valid_from <= {TODAY_IN_SQL}
    ) THEN
        RAISE EXCEPTION 'terms % hold already', OLD.terms_id USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    IF EXISTS (SELECT 1 FROM licensing_application a WHERE a.terms_id = NEW.terms_id) THEN
        RAISE EXCEPTION 'applications rest on terms %', NEW.terms_id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
"""
"""A fee or a document is added while terms are written down, not once an application rests on them."""


def parts_stay(name: str) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        func=PARTS_STAY_WITH_THEIR_TERMS,
    )


@keep_history()
class LicenceTerms(models.Model):
    """What holds for a type of licence from a day on, until newer terms do. Terms in force are never changed."""

    type = models.ForeignKey(LicenceType, models.PROTECT, related_name="terms", verbose_name=_("licence type"))
    valid_from = models.DateField(_("valid from"))
    validity_months = models.PositiveSmallIntegerField(_("valid for, in months"))
    visit_needed = models.BooleanField(_("a visit is needed before"))
    minimum_band = models.CharField(_("lowest band of that visit"), max_length=30, choices=BandCode, blank=True)
    target_days = models.PositiveSmallIntegerField(_("working days until the decision"))
    appeal_days = models.PositiveSmallIntegerField(_("working days to appeal"), default=30)
    payment_days = models.PositiveSmallIntegerField(_("working days to pay"), default=30)
    reminder_days = ArrayField(
        models.SmallIntegerField(),
        verbose_name=_("days before the expiry on which to remind"),
        default=list,
        help_text=_("Days after the expiry have a minus."),
    )
    basis = models.CharField(_("rests on"), max_length=300)

    objects = LicenceTermsQuerySet.as_manager()

    class Meta:
        verbose_name = _("terms of a licence")
        verbose_name_plural = _("terms of licences")
        constraints = [
            models.UniqueConstraint(fields=["type", "valid_from"], name="terms_of_a_type_begin_once_a_day"),
            models.CheckConstraint(condition=Q(validity_months__gte=1), name="validity_is_a_month_or_more"),
            models.CheckConstraint(condition=Q(target_days__gte=1), name="a_decision_takes_a_day_or_more"),
            models.CheckConstraint(
                condition=Q(minimum_band="") | Q(minimum_band__in=BandCode.values, visit_needed=True),
                name="a_lowest_band_needs_a_visit",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="terms_in_force_stay",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func=ONLY_BEFORE_THEY_HOLD,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.valid_from}"


class RequiredDocument(models.Model):
    """A document that an application of some kinds has to bring."""

    terms = models.ForeignKey(LicenceTerms, models.PROTECT, related_name="documents")
    code = models.SlugField(_("code"), max_length=40)
    name_km = models.CharField(_("name in Khmer"), max_length=200)
    name_en = models.CharField(_("name in English"), max_length=200)
    kinds = ArrayField(models.CharField(max_length=16, choices=ApplicationKind), verbose_name=_("for applications"))
    optional = models.BooleanField(_("optional"), default=False)

    objects = OfTermsQuerySet.as_manager()

    class Meta:
        verbose_name = _("required document")
        verbose_name_plural = _("required documents")
        constraints = [models.UniqueConstraint(fields=["terms", "code"], name="terms_name_a_document_once")]
        triggers = [parts_stay("documents_stay_with_their_terms")]

    def __str__(self) -> str:
        return self.name_km if (get_language() or "").startswith("km") else self.name_en


class Fee(models.Model):
    """What an application of one kind costs, in riel."""

    terms = models.ForeignKey(LicenceTerms, models.PROTECT, related_name="fees")
    kind = models.CharField(_("application"), max_length=16, choices=ApplicationKind)
    amount_khr = models.PositiveBigIntegerField(_("amount in riel"))

    objects = OfTermsQuerySet.as_manager()

    class Meta:
        verbose_name = _("fee")
        verbose_name_plural = _("fees")
        constraints = [
            models.UniqueConstraint(fields=["terms", "kind"], name="terms_name_a_fee_once"),
            models.CheckConstraint(condition=Q(kind__in=ApplicationKind.values), name="fee_kind_is_known"),
        ]
        triggers = [parts_stay("fees_stay_with_their_terms")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.amount_khr}"
