"""Money paid back."""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from licensing.actions import invoices
from licensing.models import Payment, Refund
from licensing.permissions.fees import check_may_refund
from licensing.policies.fees import check_can_refund, left_of
from licensing.states import InvoiceState
from registry.accounts.models import User
from registry.audit.actions import record as record_event


@transaction.atomic
def record(*, payment: Payment, amount_khr: int, reason: str, refunded_on: date, by: User, at: datetime) -> Refund:
    """A part of a payment was paid back, or what was left of it: then the invoice is refunded.

    Raises NotPermitted, for who recorded the payment too, or Refused where it is more than is left.
    """
    invoice = invoices.lock(payment.invoice_id)
    payment = Payment.objects.get(pk=payment.pk)
    payment.invoice = invoice
    check_may_refund(by, payment)
    check_can_refund(
        payment, amount_khr=amount_khr, reason=reason, refunded_on=refunded_on, today=timezone.localdate(at)
    )
    refund: Refund = Refund.objects.create(
        payment=payment,
        amount_khr=amount_khr,
        reason=reason,
        refunded_on=refunded_on,
        recorded_by=by,
        recorded_at=at,
    )
    is_whole = left_of(payment) == 0
    if is_whole:
        invoice.state = InvoiceState.REFUNDED
        invoice.save(update_fields=["state"])
    facts = {"amount_khr": amount_khr, "refunded_on": refunded_on.isoformat(), "receipt_number": str(payment)}
    verb = "invoice.refunded" if is_whole else "invoice.refunded_in_part"
    record_event(verb=verb, subject=invoice, by=by, at=at, reason=reason, facts=facts)
    return refund
