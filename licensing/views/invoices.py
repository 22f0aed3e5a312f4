"""Invoices: the list, one of them with its code to pay with, its paper, and what happens to it."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy, override
from django.utils.translation import gettext as _

from licensing.actions import invoices, payments, refunds
from licensing.filters import InvoiceFilter
from licensing.forms import PaymentForm, ReasonForm, RefundForm
from licensing.models import Application, Invoice, Payment
from licensing.permissions.fees import (
    check_may_cancel_invoice,
    check_may_issue_invoice,
    check_may_reconcile,
    check_may_record_payment,
    check_may_refund,
)
from licensing.policies.fees import check_can_issue_invoice, check_invoice_can_become, fee_of, left_of
from licensing.reports import fees
from licensing.rules.riel import riel
from licensing.states import EVENTS, InvoiceState
from registry.accounts.states import Role
from registry.core.errors import passes
from registry.core.papers import paper as typeset
from registry.models import Facility
from registry.ui import steps
from registry.ui.forms import PageForm
from registry.ui.html import link, tag
from registry.ui.lists import Column, ListAction, ListPage

LANGUAGES = ("km", "en")
BUTTONS = {
    "pay": (gettext_lazy("Record the payment"), ""),
    "refund": (gettext_lazy("Record a refund"), "secondary"),
    "cancel": (gettext_lazy("Cancel the invoice"), "warning"),
    "issue": (gettext_lazy("Issue another invoice"), "secondary"),
}


def address(invoice: Invoice) -> str:
    return reverse("invoice-detail", args=[invoice.number])


def _application_address(invoice: Invoice) -> str:
    return reverse("application-detail", args=[invoice.application.number])


def _facility_address(invoice: Invoice) -> str | None:
    facility = invoice.application.facility
    return reverse("facility-detail", args=[facility.number]) if facility else None


def _of_payment(name: str) -> Any:
    return lambda invoice: getattr(getattr(invoice, "payment", None), name, None)


class InvoiceList(ListPage):
    model = Invoice
    title = gettext_lazy("Invoices")
    lead = gettext_lazy("The fee of an application is asked for when it is handed in, and paid all at once.")
    filterset_class = InvoiceFilter
    default_sort = "-issued_on"
    empty_state = gettext_lazy("No invoice is on record yet.")
    columns = (
        Column("number", gettext_lazy("Number"), sort="number", link=address),
        Column("application", gettext_lazy("Application"), value="application.number", link=_application_address),
        Column("kind", gettext_lazy("Kind of application"), value="application.kind", page=False),
        Column("operator", gettext_lazy("Operator"), value="application.operator"),
        Column("facility", gettext_lazy("Facility"), value="application.facility", link=_facility_address, page=False),
        Column("facility_number", gettext_lazy("Facility number"), value="application.facility.number", page=False),
        Column("province", gettext_lazy("Province"), value="application.facility.province", page=False),
        Column("state", gettext_lazy("State"), value=lambda row: row.phase(timezone.localdate()), kind="tag"),
        Column(
            "amount",
            gettext_lazy("Amount in riel"),
            value=lambda row: riel(row.amount_khr),
            sort="amount_khr",
            kind="number",
            export=False,
        ),
        Column("amount_khr", gettext_lazy("Amount in riel"), page=False),
        Column(
            "issued_on",
            gettext_lazy("Issued on"),
            value=lambda row: timezone.localdate(row.issued_at),
            sort="issued_at",
            kind="date",
        ),
        Column("due_on", gettext_lazy("To be paid by"), sort="due_on", kind="date"),
        Column("paid_on", gettext_lazy("Paid on"), value=_of_payment("paid_on"), kind="date"),
        Column("method", gettext_lazy("Paid by"), value="payment.method", page=False),
        Column("receipt", gettext_lazy("Receipt number"), value=_of_payment("receipt_number"), page=False),
        Column("reference", gettext_lazy("Reference of the bank"), value=_of_payment("reference"), page=False),
    )

    def queryset_for(self, user: Any) -> QuerySet[Invoice]:
        joins = ("application__operator", "application__facility__province", "payment")
        return super().queryset_for(user).select_related(*joins)

    def actions_for(self, user: Any) -> list[ListAction]:
        if not passes(check_may_reconcile, user):
            return []
        return [ListAction(reverse("reconciliation"), _("Payments and refunds by day"))]


@login_required
def detail(request: HttpRequest, number: str) -> HttpResponse:
    invoice = visible_invoice(request, number)
    today = timezone.localdate()
    content = fees.paper_of(invoice, today=today)
    is_staff = request.user.role != Role.OPERATOR  # type: ignore[union-attr]
    context = {
        "invoice": invoice,
        "phase": invoice.phase(today),
        "content": content,
        "facts": list(_facts(invoice, request.user)),
        "payment_facts": list(_payment_facts(invoice)),
        "refund_columns": [_("Paid back on"), _("Amount in riel"), _("Reason"), _("Recorded by")],
        "refunds": [
            [refund.refunded_on, riel(refund.amount_khr), refund.reason, refund.recorded_by if is_staff else "–"]
            for refund in _refunds(invoice)
        ],
        "steps": [
            (reverse(f"invoice-{verb}", args=[invoice.number]), *BUTTONS[verb])
            for verb in fees.steps_open_to(request.user, invoice)
        ],
        "events": [
            {
                "title": EVENTS.get(event.verb, event.verb),
                "by": event.by_username,
                "at": timezone.localtime(event.occurred_at),
                "text": event.reason,
            }
            for event in fees.history(invoice)
        ]
        if is_staff
        else [],
        "breadcrumbs": [*_trail(), (invoice.number, "")],
    }
    return render(request, "licensing/invoice_detail.html", context)


@login_required
def paper(request: HttpRequest, number: str) -> HttpResponse:
    """The invoice as a PDF, in the language asked for (`?language=km` or `en`) or that of the pages."""
    invoice = visible_invoice(request, number)
    wanted = request.GET.get("language") or get_language() or ""
    with override(wanted if wanted in LANGUAGES else "km"):
        content = fees.paper_of(invoice, today=timezone.localdate())
    made = typeset("invoice.typ", content, pictures={}, made_at=invoice.issued_at)
    name = f"{invoice.number}-{content['language']}.pdf"
    headers = {"Content-Disposition": f'inline; filename="{name}"', "Cache-Control": "private, no-store"}
    return HttpResponse(made, content_type="application/pdf", headers=headers)


def _check_pay(user: Any, invoice: Invoice) -> None:
    check_may_record_payment(user, invoice)
    check_invoice_can_become(invoice, InvoiceState.PAID)


def _check_refund(user: Any, payment: Payment) -> None:
    check_may_refund(user, payment)
    check_invoice_can_become(payment.invoice, InvoiceState.REFUNDED)


def _check_cancel(user: Any, invoice: Invoice) -> None:
    check_may_cancel_invoice(user, invoice)
    check_invoice_can_become(invoice, InvoiceState.CANCELLED)


def _check_issue(user: Any, application: Application) -> None:
    check_may_issue_invoice(user, application)
    check_can_issue_invoice(application)


PAY = steps.Step(
    noun="invoice",
    act=payments.record,
    check=_check_pay,
    form=PaymentForm,
    title=gettext_lazy("Record the payment"),
    question=gettext_lazy("Was this invoice paid?"),
    consequence=lambda invoice: (
        _("The invoice asks for %(amount)s riel, all at once. A payment is never changed.")
        % {"amount": riel(invoice.amount_khr)}
    ),
    done=gettext_lazy("The payment is recorded."),
    is_grave=False,
)
REFUND = steps.Step(
    noun="payment",
    act=refunds.record,
    check=_check_refund,
    form=RefundForm,
    title=gettext_lazy("Record a refund"),
    question=gettext_lazy("Was money paid back?"),
    consequence=lambda payment: (
        _("Up to %(left)s riel can be paid back. When all of it is, the fee counts as unpaid. This cannot be undone.")
        % {"left": riel(left_of(payment))}
    ),
    done=gettext_lazy("The refund is recorded."),
)
CANCEL = steps.Step(
    noun="invoice",
    act=invoices.cancel,
    check=_check_cancel,
    form=ReasonForm,
    title=gettext_lazy("Cancel the invoice"),
    question=gettext_lazy("Cancel this invoice?"),
    consequence=lambda invoice: _("Nobody has to pay it any more. This cannot be undone; another can be issued."),
    done=gettext_lazy("The invoice is cancelled."),
)
ISSUE = steps.Step(
    noun="application",
    act=invoices.issue,
    check=_check_issue,
    form=PageForm,
    title=gettext_lazy("Issue another invoice"),
    question=gettext_lazy("Issue another invoice?"),
    consequence=lambda application: (
        _("The fee of the application is asked for again: %(amount)s riel.") % {"amount": riel(fee_of(application))}
    ),
    done=gettext_lazy("Another invoice is issued."),
    is_grave=False,
)


@login_required
def take(request: HttpRequest, number: str, step: steps.Step) -> HttpResponse:
    invoice = visible_invoice(request, number)
    thing: Any = invoice
    if step.noun == "payment":
        thing = get_object_or_404(Payment.objects.select_related("invoice"), invoice=invoice)
    elif step.noun == "application":
        thing = invoice.application
    return steps.take(
        request,
        thing,
        step,
        address=address(invoice),
        facts=[*_facts(invoice, request.user), *_payment_facts(invoice)],
        breadcrumbs=[*_trail(), (invoice.number, address(invoice))],
    )


def visible_invoice(request: HttpRequest, number: str) -> Invoice:
    visible = Invoice.objects.visible_to(request.user).select_related(
        "application__operator",
        "application__facility__province",
        "application__type",
        "application__terms",
        "payment__recorded_by",
    )
    invoice: Invoice = get_object_or_404(visible, number=number)
    if hasattr(invoice, "payment"):
        invoice.payment.invoice = invoice
    return invoice


def _trail() -> list[tuple[Any, str]]:
    return [(InvoiceList.title, reverse("invoice-list"))]


def _facts(invoice: Invoice, user: Any) -> Any:
    for name, value in fees.facts(invoice):
        if isinstance(value, Application):
            yield name, link("application-detail", value.number, text=value)
        elif isinstance(value, Facility) and user.role != Role.OPERATOR:
            yield name, link("facility-detail", value.number, text=value)
        else:
            yield name, value
    yield _("What for"), f"{invoice.application.type}: {invoice.application.get_kind_display()}"
    yield _("Amount in riel"), riel(invoice.amount_khr)
    if invoice.reason:
        yield _("Reason"), invoice.reason
    for other in invoice.application.invoices.exclude(pk=invoice.pk).order_by("-pk"):
        yield (
            _("Other invoice"),
            link("invoice-detail", other.number, text=other.number) + " " + tag(other.get_state_display(), other.state),
        )


def _payment_facts(invoice: Invoice) -> Any:
    payment = getattr(invoice, "payment", None)
    if payment is None:
        return
    yield _("Receipt number"), payment.receipt_number
    yield _("Paid on"), payment.paid_on
    yield _("Paid by"), payment.get_method_display()
    if payment.reference:
        yield _("Reference of the bank"), payment.reference


def _refunds(invoice: Invoice) -> Any:
    payment = getattr(invoice, "payment", None)
    return payment.refunds.select_related("recorded_by").order_by("pk") if payment else ()
