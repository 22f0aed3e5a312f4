"""Applications with a fee, invoices and what is paid for them, to test with."""

from typing import Any

from licensing.actions import invoices, payments
from licensing.models import Application, Fee, Invoice, LicenceTerms, LicenceType, Payment
from licensing.states import ApplicationKind, ApplicationState, PaymentMethod
from registry.accounts.models import User
from registry.accounts.states import Role
from registry.models import Facility
from tests.factories import NOW, TODAY, a_facility, a_licence_type, a_user, an_operator, counter

FEE = 1_200_000


def a_licence_type_with_fees(**fees: int) -> LicenceType:
    """Whose terms ask for these fees by kind; for a new licence 1,200,000 riel unless the test says otherwise."""
    type = a_licence_type(f"type-{next(counter)}")
    for kind, amount in ({"new": FEE} | fees).items():
        Fee.objects.create(terms=type.terms.get(), kind=kind, amount_khr=amount)
    return type


def an_application_with_fee(
    facility: Facility | None = None,
    *,
    type: LicenceType | None = None,
    kind: str = ApplicationKind.NEW,
    state: str = ApplicationState.SUBMITTED,
    by: User | None = None,
    **fields: Any,
) -> Application:
    """Handed in, written straight to the table."""
    facility = facility or a_facility(operator=an_operator())
    type = type or a_licence_type_with_fees()
    by = by or a_user(Role.LICENSING_OFFICER)
    fields.setdefault("terms", LicenceTerms.objects.in_force(TODAY).get(type=type))
    application = Application.objects.create(
        number=f"APP-2026-{next(counter):06d}",
        kind=kind,
        operator=fields.pop("operator", facility.operator),
        facility=facility,
        type=type,
        created_at=NOW,
        created_by=by,
        changed_at=NOW,
        submitted_at=NOW,
        submitted_by=by,
        declared_by_name="Sok Dara",
        **fields,
    )
    application.state = state
    application.save()
    return application


def an_invoice(application: Application | None = None, **fields: Any) -> Invoice:
    application = application or an_application_with_fee(**fields)
    invoice = invoices.issue(application=application, by=None, at=NOW)
    assert invoice is not None
    return invoice


def a_payment(invoice: Invoice | None = None, *, by: User | None = None, **fields: Any) -> Payment:
    """In cash and today, unless the test says otherwise."""
    invoice = invoice or an_invoice()
    given: dict[str, Any] = {
        "amount_khr": invoice.amount_khr,
        "receipt_number": f"R-{next(counter)}",
        "method": PaymentMethod.CASH,
        "paid_on": TODAY,
        "reference": "" if fields.get("method", PaymentMethod.CASH) == PaymentMethod.CASH else f"B-{next(counter)}",
    }
    return payments.record(invoice=invoice, by=by or a_user(Role.LICENSING_OFFICER), at=NOW, **given | fields)
