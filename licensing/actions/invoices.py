"""Invoices: the fee of an application, asked for once and never changed."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from licensing.actions.numbers import next_number
from licensing.models import Application, Invoice
from licensing.permissions.fees import check_may_cancel_invoice, check_may_issue_invoice
from licensing.policies.fees import check_can_cancel_invoice, check_can_issue_invoice, fee_of
from licensing.states import InvoiceState
from registry.accounts.models import User
from registry.audit.actions import record as record_event
from registry.core.working_days import add_working_days
from registry.models import PublicHoliday


@transaction.atomic
def issue(*, application: Application, by: User | None, at: datetime) -> Invoice | None:
    """The fee that the terms ask for this kind of application is asked for; None where they ask for nothing.

    The application must have its terms. `by` is None where no person hands it in. Raises NotPermitted, or Refused
    where an invoice stands already or the application has ended.
    """
    if by is not None:
        check_may_issue_invoice(by, application)
    Application.objects.select_for_update(of=("self",), no_key=True).get(pk=application.pk)
    check_can_issue_invoice(application)
    amount = fee_of(application)
    if amount == 0 or application.terms is None:
        return None
    today = timezone.localdate(at)
    invoice = Invoice.objects.create(
        number=next_number(prefix="INV", year=today.year),
        application=application,
        amount_khr=amount,
        issued_at=at,
        issued_by=by,
        due_on=add_working_days(
            today,
            application.terms.payment_days,
            set(PublicHoliday.objects.filter(day__gte=today).values_list("day", flat=True)),
        ),
    )
    facts = {"application": application.number, "amount_khr": amount, "due_on": invoice.due_on.isoformat()}
    record_event(verb="invoice.issued", subject=invoice, by=by, at=at, facts=facts)
    return invoice


@transaction.atomic
def cancel(*, invoice: Invoice, reason: str, by: User, at: datetime) -> Invoice:
    """Nobody has to pay the invoice any more; another may be issued. Raises NotPermitted or Refused."""
    invoice = lock(invoice.pk)
    check_may_cancel_invoice(by, invoice)
    check_can_cancel_invoice(invoice, reason=reason)
    invoice.state, invoice.reason = InvoiceState.CANCELLED, reason
    invoice.save(update_fields=["state", "reason"])
    record_event(verb="invoice.cancelled", subject=invoice, by=by, at=at, reason=reason)
    return invoice


def lock(pk: int) -> Invoice:
    """One step at a time per invoice."""
    invoices = Invoice.objects.select_for_update(of=("self",), no_key=True)
    locked: Invoice = invoices.select_related("application__facility").get(pk=pk)
    return locked
