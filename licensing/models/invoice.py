from datetime import date

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from licensing.models.application import Application
from licensing.querysets import InvoiceQuerySet, OfInvoiceQuerySet, RefundQuerySet
from licensing.states import INVOICE_TRANSITIONS, InvoicePhase, InvoiceState, PaymentMethod
from registry.core.history import keep_history
from registry.models import Facility

PAID_BY_A_PAYMENT = """
    IF NEW.state = 'paid' AND NOT EXISTS (
        SELECT 1 FROM licensing_payment p WHERE p.invoice_id = NEW.id
    ) THEN
        RAISE EXCEPTION 'invoice % is not paid', NEW.number USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.state = 'refunded' AND (
        SELECT sum(r.amount_khr) FROM licensing_refund r JOIN licensing_payment p ON p.id = r.payment_id
        WHERE p.invoice_id = NEW.id
    ) IS DISTINCT FROM NEW.amount_khr THEN
        RAISE EXCEPTION 'invoice % is not paid back', NEW.number USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
"""
ALL_AT_ONCE = """
    IF NOT EXISTS (
        SELECT 1 FROM licensing_invoice i
        WHERE i.id = NEW.invoice_id AND i.state = 'unpaid' AND i.amount_khr = NEW.amount_khr
        FOR NO KEY UPDATE
    ) THEN
        RAISE EXCEPTION 'invoice % does not ask for % riel', NEW.invoice_id, NEW.amount_khr
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
"""
PAID_BACK_BY_ANOTHER = """
    PERFORM 1 FROM licensing_invoice i JOIN licensing_payment p ON p.invoice_id = i.id
    WHERE p.id = NEW.payment_id FOR NO KEY UPDATE OF i;
    IF EXISTS (
        SELECT 1 FROM licensing_payment p WHERE p.id = NEW.payment_id AND p.recorded_by_id = NEW.recorded_by_id
    ) THEN
        RAISE EXCEPTION 'person % recorded payment %', NEW.recorded_by_id, NEW.payment_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.amount_khr + (SELECT coalesce(sum(r.amount_khr), 0) FROM licensing_refund r
                         WHERE r.payment_id = NEW.payment_id)
       > (SELECT p.amount_khr FROM licensing_payment p WHERE p.id = NEW.payment_id) THEN
        RAISE EXCEPTION 'payment % is paid back beyond its amount', NEW.payment_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
"""
"""The invoice is locked first: of two refunds at once, the later one sees the other."""


@keep_history()
class Invoice(models.Model):
    """The fee of one application, in riel, from the day it is asked for."""

    number = models.CharField(_("invoice number"), max_length=40, unique=True)
    application = models.ForeignKey(Application, models.PROTECT, related_name="invoices", verbose_name=_("application"))
    amount_khr = models.PositiveBigIntegerField(_("amount in riel"))
    state = models.CharField(_("state"), max_length=10, choices=InvoiceState, default=InvoiceState.OPEN)
    issued_at = models.DateTimeField(_("issued at"))
    issued_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    due_on = models.DateField(_("due on"))
    reason = models.TextField(_("reason"), blank=True)
    """Why it was cancelled."""

    objects = InvoiceQuerySet.as_manager()

    class Meta:
        verbose_name = _("invoice")
        verbose_name_plural = _("invoices")
        indexes = [models.Index(fields=["-issued_at", "-id"], name="invoices_newest_first")]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=InvoiceState.values), name="invoice_state_is_known"),
            models.CheckConstraint(condition=Q(amount_khr__gte=1), name="an_invoice_asks_for_something"),
            models.CheckConstraint(
                condition=(Q(state=InvoiceState.CANCELLED) & ~Q(reason=""))
                | (~Q(state=InvoiceState.CANCELLED) & Q(reason="")),
                name="only_a_cancelled_invoice_says_why",
            ),
            models.UniqueConstraint(
                fields=["application"],
                condition=Q(state__in=[InvoiceState.OPEN, InvoiceState.PAID]),
                name="an_application_is_invoiced_once",
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="invoices_are_never_deleted", operation=pgtrigger.Delete),
            pgtrigger.FSM(
                name="invoice_follows_its_life_cycle",
                field="state",
                transitions=[(str(a), str(b)) for a, reached in INVOICE_TRANSITIONS.items() for b in reached],
            ),
            pgtrigger.ReadOnly(
                name="what_an_invoice_asks_for_stays",
                fields=["number", "application", "amount_khr", "issued_at", "issued_by", "due_on"],
            ),
            pgtrigger.Trigger(
                name="an_invoice_is_paid_by_a_payment",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("state"),
                func=PAID_BY_A_PAYMENT,
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def phase(self, on: date) -> InvoicePhase:
        """Overdue from the day after the last day to pay."""
        overdue = self.state == InvoiceState.OPEN and on > self.due_on
        return InvoicePhase.OVERDUE if overdue else InvoicePhase(self.state)

    @property
    def facility(self) -> Facility | None:
        return self.application.facility


@keep_history()
class Payment(models.Model):
    """Money received for an invoice, all of it at once."""

    invoice = models.OneToOneField(Invoice, models.PROTECT, related_name="payment", verbose_name=_("invoice"))
    amount_khr = models.PositiveBigIntegerField(_("amount in riel"))
    receipt_number = models.CharField(_("receipt number"), max_length=40, unique=True)
    method = models.CharField(_("paid by"), max_length=4, choices=PaymentMethod)
    paid_on = models.DateField(_("paid on"))
    reference = models.CharField(_("reference of the bank"), max_length=80, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")

    objects = OfInvoiceQuerySet.as_manager()

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        indexes = [models.Index(fields=["paid_on", "id"], name="payments_by_day")]
        constraints = [
            models.CheckConstraint(condition=Q(method__in=PaymentMethod.values), name="payment_method_is_known"),
            models.CheckConstraint(condition=~Q(receipt_number=""), name="a_payment_has_a_receipt"),
            models.CheckConstraint(
                condition=Q(method=PaymentMethod.CASH) | ~Q(reference=""), name="a_bank_names_its_payment"
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="payments_stay", operation=pgtrigger.Update | pgtrigger.Delete),
            pgtrigger.Trigger(
                name="an_invoice_is_paid_all_at_once",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func=ALL_AT_ONCE,
            ),
        ]

    def __str__(self) -> str:
        return self.receipt_number


@keep_history()
class Refund(models.Model):
    """Money paid back, recorded by somebody else than who recorded the payment."""

    payment = models.ForeignKey(Payment, models.PROTECT, related_name="refunds", verbose_name=_("payment"))
    amount_khr = models.PositiveBigIntegerField(_("amount in riel"))
    reason = models.TextField(_("reason"))
    refunded_on = models.DateField(_("paid back on"))
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")

    objects = RefundQuerySet.as_manager()

    class Meta:
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        indexes = [models.Index(fields=["refunded_on", "id"], name="refunds_by_day")]
        constraints = [
            models.CheckConstraint(condition=Q(amount_khr__gte=1), name="a_refund_is_something"),
            models.CheckConstraint(condition=~Q(reason=""), name="a_refund_has_a_reason"),
        ]
        triggers = [
            pgtrigger.Protect(name="refunds_stay", operation=pgtrigger.Update | pgtrigger.Delete),
            pgtrigger.Trigger(
                name="paid_back_by_another_and_no_more_than_was_paid",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func=PAID_BACK_BY_ANOTHER,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.payment} {self.amount_khr}"
