"""What the law allows with invoices, whoever asks."""

from datetime import date

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from licensing.models import Application, Invoice, Payment
from licensing.rules.riel import riel
from licensing.states import INVOICE_TRANSITIONS, ApplicationState, InvoiceState, PaymentMethod
from registry.core.errors import Refused

STANDING = (InvoiceState.OPEN, InvoiceState.PAID)


def fee_of(application: Application) -> int:
    """What the terms of the application ask for its kind, in riel; 0 where nothing is asked."""
    fees = application.terms.fees.filter(kind=application.kind) if application.terms else ()
    return next((fee.amount_khr for fee in fees), 0)


def standing_invoice(application: Application) -> Invoice | None:
    """The invoice that is to be paid or is paid; cancelled and refunded ones no longer stand."""
    invoice: Invoice | None = application.invoices.filter(state__in=STANDING).first()
    return invoice


def check_is_paid(application: Application) -> None:
    """The fee that the terms ask for is paid and was not paid back whole, or there is none."""
    invoice = standing_invoice(application)
    if invoice is not None and invoice.state == InvoiceState.PAID:
        return
    if invoice is not None:
        raise Refused(
            _("The fee is not paid yet: invoice %(number)s over %(amount)s riel.")
            % {"number": invoice, "amount": riel(invoice.amount_khr)},
            code="fee_not_paid",
        )
    if fee := fee_of(application):
        raise Refused(
            _("The fee of %(amount)s riel is not paid, and no invoice asks for it. Issue one.") % {"amount": riel(fee)},
            code="fee_not_invoiced",
        )


def check_can_issue_invoice(application: Application) -> None:
    """One invoice stands at a time, and none is issued for what was withdrawn or refused."""
    if application.state in (ApplicationState.WITHDRAWN, ApplicationState.REFUSED):
        raise Refused(
            _("Application %(number)s is in the state “%(state)s”, so this cannot be done.")
            % {"number": application, "state": application.get_state_display()},
            code="wrong_state",
        )
    invoice = standing_invoice(application)
    if invoice is not None:
        raise Refused(
            _("Application %(application)s has invoice %(number)s already.")
            % {"application": application, "number": invoice},
            code="invoiced_already",
        )


def check_can_pay(
    invoice: Invoice,
    *,
    amount_khr: int,
    receipt_number: str,
    method: str,
    paid_on: date,
    reference: str,
    today: date,
) -> None:
    """The whole amount at once, on a day from the application to today, with what proves it."""
    check_invoice_can_become(invoice, InvoiceState.PAID)
    if amount_khr != invoice.amount_khr:
        raise Refused(
            _("Invoice %(number)s asks for %(asked)s riel, all at once. %(given)s riel is not that amount.")
            % {"number": invoice, "asked": riel(invoice.amount_khr), "given": riel(amount_khr)},
            code="wrong_amount",
        )
    if not receipt_number.strip():
        raise Refused(_("Write the number of the receipt."), code="no_receipt_number")
    taken = Payment.objects.filter(receipt_number=receipt_number).select_related("invoice").first()
    if taken is not None:
        raise receipt_taken(taken)
    if method != PaymentMethod.CASH and not reference.strip():
        raise Refused(_("Write the reference by which the bank knows the payment."), code="no_reference")
    first = timezone.localdate(invoice.application.created_at)
    if not first <= paid_on <= today:
        raise Refused(
            _("The payment was made between %(first)s, the day of the application, and today.")
            % {"first": date_format(first)},
            code="paid_on_another_day",
        )


def receipt_taken(payment: Payment) -> Refused:
    return Refused(
        _("Receipt %(receipt)s is recorded already, for invoice %(number)s.")
        % {"receipt": payment, "number": payment.invoice},
        code="receipt_taken",
    )


def check_can_cancel_invoice(invoice: Invoice, *, reason: str) -> None:
    check_invoice_can_become(invoice, InvoiceState.CANCELLED)
    _check_reason(reason)


def check_can_refund(payment: Payment, *, amount_khr: int, reason: str, refunded_on: date, today: date) -> None:
    """No more in all than was paid; on a day from the payment to today."""
    check_invoice_can_become(payment.invoice, InvoiceState.REFUNDED)
    left = left_of(payment)
    if not 1 <= amount_khr <= left:
        raise Refused(
            _("From 1 to %(left)s riel of this payment can be paid back; %(given)s riel cannot.")
            % {"left": riel(left), "given": riel(amount_khr)},
            code="wrong_amount",
        )
    _check_reason(reason)
    if not payment.paid_on <= refunded_on <= today:
        raise Refused(
            _("The money was paid back between %(first)s, the day of the payment, and today.")
            % {"first": date_format(payment.paid_on)},
            code="refunded_on_another_day",
        )


def left_of(payment: Payment) -> int:
    """What was not paid back yet, in riel."""
    return payment.amount_khr - sum(payment.refunds.values_list("amount_khr", flat=True))


def check_invoice_can_become(invoice: Invoice, state: InvoiceState) -> None:
    """The table of transitions knows this step."""
    if state not in INVOICE_TRANSITIONS[invoice.state]:
        raise Refused(
            _("Invoice %(number)s is in the state “%(state)s”, so this cannot be done.")
            % {"number": invoice, "state": invoice.get_state_display()},
            code="wrong_state",
        )


def _check_reason(reason: str) -> None:
    if not reason.strip():
        raise Refused(_("Say why."), code="no_reason")
