"""What pages and papers say about invoices and the money that came and went."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.conf import settings
from django.db.models import Count, F, QuerySet, Sum, Value
from django.db.models.functions import Coalesce, NullIf
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from licensing.models import Application, Invoice, Payment, Refund
from licensing.permissions.fees import (
    check_may_cancel_invoice,
    check_may_issue_invoice,
    check_may_record_payment,
    check_may_refund,
)
from licensing.policies.fees import check_can_issue_invoice, check_invoice_can_become, fee_of, left_of
from licensing.rules import khqr
from licensing.rules.riel import riel
from licensing.states import InvoicePhase, InvoiceState, PaymentMethod
from registry.audit.models import AuditEvent
from registry.core.errors import passes
from registry.ui.html import link, tag

CODE_QUIET_ZONE = 4
READ_AT_ONCE = 2000


def steps_open_to(user: Any, invoice: Invoice) -> list[str]:
    """Of pay, refund, cancel and issue: what this person may do now."""
    steps = []
    if passes(check_may_record_payment, user, invoice) and passes(check_invoice_can_become, invoice, InvoiceState.PAID):
        steps.append("pay")
    if (
        invoice.state == InvoiceState.PAID
        and passes(check_may_refund, user, invoice.payment)
        and left_of(invoice.payment) > 0
    ):
        steps.append("refund")
    if passes(check_may_cancel_invoice, user, invoice) and passes(
        check_invoice_can_become, invoice, InvoiceState.CANCELLED
    ):
        steps.append("cancel")
    if invoice.state in (InvoiceState.CANCELLED, InvoiceState.REFUNDED) and may_issue(user, invoice.application):
        steps.append("issue")
    return steps


def may_issue(user: Any, application: Application) -> bool:
    """Whether the fee of the application is not asked for and this person may ask for it."""
    return (
        passes(check_may_issue_invoice, user, application)
        and passes(check_can_issue_invoice, application)
        and fee_of(application) > 0
    )


def history(invoice: Invoice) -> QuerySet[AuditEvent]:
    """What was done with the invoice, newest first; for whoever sees the invoice."""
    events: QuerySet[AuditEvent] = AuditEvent.objects.filter(
        subject_kind="licensing.invoice", subject_number=invoice.number
    )
    return events.order_by("-occurred_at", "-id")


def of_application(user: Any, application: Application, *, today: date) -> dict[str, Any]:
    """What `licensing/application/_invoice.html` shows: the invoices of an application, the newest first."""
    invoices = application.invoices.all().visible_to(user).select_related("payment").order_by("-pk")
    fee = fee_of(application)
    return {
        "columns": [_("Invoice"), _("State"), _("Amount in riel"), _("To be paid by"), _("Receipt number")],
        "rows": [
            [
                link("invoice-detail", invoice.number, text=invoice.number),
                tag(invoice.phase(today).label, invoice.phase(today).value),
                riel(invoice.amount_khr),
                invoice.due_on,
                invoice.payment.receipt_number if hasattr(invoice, "payment") else "–",
            ]
            for invoice in invoices
        ],
        "sentence": _("The fee is %(amount)s riel. No invoice asks for it yet.") % {"amount": riel(fee)}
        if fee
        else _("This application costs nothing."),
    }


# --- the code to pay with, and the paper


def code_of(invoice: Invoice, *, today: date) -> str:
    """The text of the KHQR code; "" for an invoice that is not open, or where no payee is set.

    It can be used until the end of the last day to pay; of an overdue invoice, until the end of the day on which
    it is shown.
    """
    if invoice.state != InvoiceState.OPEN or not settings.PAYEE["account"]:
        return ""
    return khqr.payload(
        khqr.Payee(**settings.PAYEE),
        amount_khr=invoice.amount_khr,
        bill_number=invoice.number,
        made_at=invoice.issued_at,
        good_until=timezone.make_aware(datetime.combine(max(invoice.due_on, today), time(23, 59, 59))),
    )


def picture_of(code: str) -> str:
    """The code as SVG."""
    import segno  # 13 MB, for this alone

    return str(segno.make(code, micro=False, error="m").svg_inline(omitsize=True, border=CODE_QUIET_ZONE))


def paper_of(invoice: Invoice, *, today: date) -> dict[str, Any]:
    """Texts by their place on the invoice, plain JSON, in the language that is active."""
    application = invoice.application
    code = code_of(invoice, today=today)
    return {
        "language": "km" if (get_language() or "").startswith("km") else "en",
        "kingdom": [_("Kingdom of Cambodia"), _("Nation Religion King")],
        "ministry": _("Ministry of Health"),
        "title": _("Invoice"),
        "number": invoice.number,
        "standing": standing(invoice, today),
        "facts": [[str(name), str(value)] for name, value in facts(invoice) if value],
        "columns": [_("What for"), _("Amount in riel")],
        "line": f"{application.type}: {application.get_kind_display()}",
        "total": _("To be paid, in riel"),
        "amount": riel(invoice.amount_khr),
        "in_words": _("%(amount)s riel") % {"amount": riel(invoice.amount_khr)},
        "code": code,
        "code_picture": picture_of(code) if code else "",
        "code_title": _("Pay with KHQR"),
        "code_advice": _("Scan this code with the app of any bank. Amount and invoice number are in it already."),
        "payee": payee_name() if code else "",
        "advice": _("Whoever takes the money gives a receipt with a number. Keep it."),
    }


def payee_name() -> str:
    in_khmer = (get_language() or "").startswith("km")
    return str((in_khmer and settings.PAYEE["name_km"]) or settings.PAYEE["name"])


def standing(invoice: Invoice, today: date) -> str:
    """One sentence on what the invoice is today."""
    phase = invoice.phase(today)
    if phase == InvoicePhase.OPEN:
        return _("To be paid by %(day)s.") % {"day": date_format(invoice.due_on)}
    if phase == InvoicePhase.OVERDUE:
        return _("This invoice should have been paid by %(day)s.") % {"day": date_format(invoice.due_on)}
    if phase == InvoicePhase.CANCELLED:
        return _("This invoice is cancelled. Nothing has to be paid.")
    if phase == InvoicePhase.REFUNDED:
        return _("This invoice was paid, and the money was paid back.")
    return _("This invoice is paid. Receipt %(number)s of %(day)s.") % {
        "number": invoice.payment.receipt_number,
        "day": date_format(invoice.payment.paid_on),
    }


def facts(invoice: Invoice) -> Iterator[tuple[str | Promise, Any]]:
    application = invoice.application
    yield _("Operator"), application.operator
    yield _("Facility"), application.facility or application.proposal.get("name_km")
    yield _("Application"), application
    yield _("Issued on"), date_format(timezone.localdate(invoice.issued_at))
    yield _("To be paid by"), date_format(invoice.due_on)


# --- reconciliation


@dataclass(frozen=True)
class Movement:
    """A payment, or a refund with its amount below zero. `balance` is the sum up to and with this row, in riel."""

    day: date
    recorded_at: datetime
    receipt_number: str
    method: str
    reference: str
    invoice: str
    application: str
    operator: str
    recorded_by: str | None
    is_refund: bool
    amount_khr: int
    balance: int

    @property
    def method_label(self) -> str:
        return str(PaymentMethod(self.method).label)


@dataclass(frozen=True)
class Sums:
    """Of one method, or of all where it is "": how many payments and refunds, and their amounts in riel."""

    method: str
    payments: int
    paid_khr: int
    refunds: int
    refunded_khr: int

    @property
    def label(self) -> str:
        return str(PaymentMethod(self.method).label) if self.method else _("All")

    @property
    def net_khr(self) -> int:
        return self.paid_khr - self.refunded_khr


def movements(user: Any, first: date, last: date, *, most: int | None = None) -> Iterator[Movement]:
    """Every payment and refund that `user` may see from `first` to `last`, both included, in the order of their days
    and, within a day, as they were recorded. At most so many, if `most` is given. One query.
    """
    paid = _rows(_payments(user, first, last), day="paid_on", payment="", sign=1)
    back = _rows(_refunds(user, first, last), day="refunded_on", payment="payment__", sign=-1)
    rows = paid.union(back, all=True).order_by("row_day", "row_recorded_at", "-row_sign", "row_pk")
    balance = 0
    for row in rows.iterator(chunk_size=READ_AT_ONCE) if most is None else rows[:most]:
        _pk, sign, amount, *told = row
        balance += sign * amount
        yield Movement(*told, sign < 0, sign * amount, balance)  # type: ignore[call-arg]


def sums(user: Any, first: date, last: date) -> list[Sums]:
    """One row for each method with a payment or a refund in these days, in the order of the methods, then all."""
    paid = _summed(_payments(user, first, last), "method")
    back = _summed(_refunds(user, first, last), "payment__method")
    found = [
        Sums(str(method), *paid.get(method, (0, 0)), *back.get(method, (0, 0)))
        for method in PaymentMethod.values
        if method in paid or method in back
    ]
    whole = Sums(
        "",
        sum(row.payments for row in found),
        sum(row.paid_khr for row in found),
        sum(row.refunds for row in found),
        sum(row.refunded_khr for row in found),
    )
    return [*found, whole]


def _payments(user: Any, first: date, last: date) -> QuerySet[Payment]:
    return Payment.objects.visible_to(user).filter(paid_on__range=(first, last))


def _refunds(user: Any, first: date, last: date) -> QuerySet[Refund]:
    return Refund.objects.visible_to(user).filter(refunded_on__range=(first, last))


def _summed(rows: QuerySet[Any], method: str) -> dict[str, tuple[int, int]]:
    found = rows.order_by().values_list(method).annotate(Count("pk"), Sum("amount_khr"))
    return {name: (number, int(amount)) for name, number, amount in found}


def _rows(rows: QuerySet[Any], *, day: str, payment: str, sign: int) -> QuerySet[Any, Any]:
    """What `Movement` is made of; `payment` is the path to the payment. A sum of unsigned columns may be below zero,
    so the sign travels beside the amount.
    """
    operator = f"{payment}invoice__application__operator__"
    names = ("name_km", "name_en") if (get_language() or "").startswith("km") else ("name_en", "name_km")
    columns = {
        "row_pk": F("pk"),
        "row_sign": Value(sign),
        "row_amount": F("amount_khr"),
        "row_day": F(day),
        "row_recorded_at": F("recorded_at"),
        "row_receipt": F(f"{payment}receipt_number"),
        "row_method": F(f"{payment}method"),
        "row_reference": F(f"{payment}reference"),
        "row_invoice": F(f"{payment}invoice__number"),
        "row_application": F(f"{payment}invoice__application__number"),
        "row_operator": Coalesce(NullIf(operator + names[0], Value("")), operator + names[1]),
        "row_by": F("recorded_by__username"),
    }
    return rows.annotate(**columns).order_by().values_list(*columns)
