import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from licensing.models.application import Application
from licensing.querysets import InvoiceQuerySet, OfInvoiceQuerySet
from licensing.states import INVOICE_TRANSITIONS, InvoiceState, PaymentMethod
from registry.core.history import keep_history

NO_MORE_THAN_WAS_PAID = """
    IF (SELECT sum(r.amount_khr) FROM licensing_refund r WHERE r.payment_id = NEW.payment_id)
       > (SELECT p.amount_khr FROM licensing_payment p WHERE p.id = NEW.payment_id) THEN
        RAISE EXCEPTION 'payment % is paid back beyond its amount', NEW.payment_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
"""


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
        ]

    def __str__(self) -> str:
        return self.number


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
        constraints = [
            models.CheckConstraint(condition=Q(method__in=PaymentMethod.values), name="payment_method_is_known"),
            models.CheckConstraint(condition=~Q(receipt_number=""), name="a_payment_has_a_receipt"),
        ]
        triggers = [pgtrigger.Protect(name="payments_stay", operation=pgtrigger.Update | pgtrigger.Delete)]

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

    objects = models.Manager()

    class Meta:
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        constraints = [
            models.CheckConstraint(condition=Q(amount_khr__gte=1), name="a_refund_is_something"),
            models.CheckConstraint(condition=~Q(reason=""), name="a_refund_has_a_reason"),
        ]
        triggers = [
            pgtrigger.Protect(name="refunds_stay", operation=pgtrigger.Update | pgtrigger.Delete),
            pgtrigger.Trigger(
                name="no_more_is_paid_back_than_was_paid",
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                func=NO_MORE_THAN_WAS_PAID,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.payment} {self.amount_khr}"
