"""Money received."""

from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from licensing.actions import invoices
from licensing.models import Invoice, Payment
from licensing.permissions.fees import check_may_record_payment
from licensing.policies.fees import check_can_pay, receipt_taken
from licensing.states import InvoiceState
from registry.accounts.models import User
from registry.audit.actions import record as record_event


@transaction.atomic
def record(
    *,
    invoice: Invoice,
    amount_khr: int,
    receipt_number: str,
    method: str,
    paid_on: date,
    reference: str = "",
    by: User,
    at: datetime,
) -> Payment:
    """The invoice is paid, all at once.

    Raises NotPermitted, or Refused where it is not open, the amount is another or the receipt is on record already.
    """
    invoice = invoices.lock(invoice.pk)
    check_may_record_payment(by, invoice)
    given = {
        "amount_khr": amount_khr,
        "receipt_number": " ".join(receipt_number.split()),
        "method": method,
        "paid_on": paid_on,
        "reference": " ".join(reference.split()),
    }
    check_can_pay(invoice, **given, today=timezone.localdate(at))  # type: ignore[arg-type]
    try:
        with transaction.atomic():
            payment = Payment.objects.create(invoice=invoice, recorded_by=by, recorded_at=at, **given)
    except IntegrityError as error:
        taken = Payment.objects.filter(receipt_number=given["receipt_number"]).select_related("invoice").first()
        if taken is None:
            raise
        raise receipt_taken(taken) from error
    invoice.state = InvoiceState.PAID
    invoice.save(update_fields=["state"])
    facts = given | {"paid_on": paid_on.isoformat()}
    record_event(verb="invoice.paid", subject=invoice, by=by, at=at, facts=facts)
    return payment
