"""Invoices, payments and refunds: who may, what the law allows, and what the database refuses to anybody."""

import random
from collections import Counter
from datetime import date, timedelta

import pypdfium2
import pytest
import zxingcpp
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from licensing.actions import invoices, payments, refunds
from licensing.apps import payee_fits_the_code
from licensing.models import Invoice, Payment, Refund
from licensing.policies.fees import check_is_paid
from licensing.reports.fees import code_of as code_to_pay
from licensing.reports.fees import movements, sums
from licensing.states import ApplicationKind, ApplicationState, InvoiceState, PaymentMethod
from registry.accounts.states import Role
from registry.audit.models import AuditEvent
from registry.core.errors import NotPermitted, Refused
from registry.models import PublicHoliday
from tests.factories import NOW, TODAY, a_facility, a_province, a_user, an_operator, another_province
from tests.factories_applying import a_person_of
from tests.factories_fees import (
    FEE,
    a_licence_type_with_fees,
    a_payment,
    an_application_with_fee,
    an_invoice,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def code_of(excinfo):
    return excinfo.value.code


def refund(payment, *, by=None, **fields):
    given = {"amount_khr": payment.amount_khr, "reason": "Withdrawn in time", "refunded_on": TODAY}
    return refunds.record(payment=payment, by=by or a_user(Role.APPROVER), at=NOW, **given | fields)


# --- issuing


def test_an_invoice_asks_for_the_fee_of_the_kind_in_working_days_of_the_terms():
    PublicHoliday.objects.create(day=date(2026, 11, 24), name_km="ពិធីបុណ្យអុំទូក", name_en="Water Festival", source="t")
    officer = a_user(Role.LICENSING_OFFICER)
    type = a_licence_type_with_fees(renewal=500_000)
    application = an_application_with_fee(type=type, kind=ApplicationKind.RENEWAL, by=officer)
    invoice = invoices.issue(application=application, by=officer, at=NOW)
    assert (invoice.number, invoice.amount_khr, invoice.state) == ("INV-2026-000001", 500_000, InvoiceState.OPEN)
    # Sunday 22 November, 30 working days, one holiday: Monday 4 January
    assert invoice.due_on == date(2027, 1, 4)
    event = AuditEvent.objects.get(verb="invoice.issued")
    assert (event.subject_number, event.facility_number) == (invoice.number, application.facility.number)
    assert event.facts["amount_khr"] == 500_000
    assert an_invoice(type=type).number == "INV-2026-000002"


@pytest.mark.parametrize("fees", [{}, {"variation": 0}])
def test_what_costs_nothing_has_no_invoice_and_counts_as_paid(fees):
    application = an_application_with_fee(type=a_licence_type_with_fees(**fees), kind=ApplicationKind.VARIATION)
    assert invoices.issue(application=application, by=None, at=NOW) is None
    check_is_paid(application)


def test_one_invoice_stands_at_a_time_and_a_cancelled_one_makes_room():
    invoice = an_invoice()
    with pytest.raises(Refused) as refused:
        invoices.issue(application=invoice.application, by=None, at=NOW)
    assert code_of(refused) == "invoiced_already"
    with pytest.raises(Refused):
        invoices.cancel(invoice=invoice, reason=" ", by=a_user(Role.LICENSING_OFFICER), at=NOW)
    invoices.cancel(invoice=invoice, reason="Wrong kind", by=a_user(Role.LICENSING_OFFICER), at=NOW)
    another = invoices.issue(application=invoice.application, by=a_user(Role.LICENSING_OFFICER), at=NOW)
    assert another.number != invoice.number


@pytest.mark.parametrize("state", [ApplicationState.WITHDRAWN])
def test_nothing_is_asked_for_an_application_that_has_ended(state):
    with pytest.raises(Refused) as refused:
        invoices.issue(application=an_application_with_fee(state=state), by=None, at=NOW)
    assert code_of(refused) == "wrong_state"


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.LICENSING_OFFICER, Role.PROVINCIAL_MANAGER}))
def test_only_officers_managers_and_who_handed_it_in_issue_invoices(role):
    application = an_application_with_fee()
    with pytest.raises(NotPermitted):
        invoices.issue(application=application, by=a_user(role), at=NOW)
    own = an_application_with_fee(by=a_user(role))
    assert invoices.issue(application=own, by=own.created_by, at=NOW).issued_by == own.created_by


# --- payments


def test_a_payment_makes_the_invoice_paid_and_the_fee_with_it():
    invoice = an_invoice()
    with pytest.raises(Refused) as refused:
        check_is_paid(invoice.application)
    assert code_of(refused) == "fee_not_paid"
    assert "1,200,000" in refused.value.sentence
    payment = a_payment(invoice, method=PaymentMethod.KHQR, reference="  FT 26 ", receipt_number=" R  1 ")
    assert (payment.receipt_number, payment.reference) == ("R 1", "FT 26")
    invoice.refresh_from_db()
    assert invoice.state == InvoiceState.PAID
    check_is_paid(invoice.application)
    assert AuditEvent.objects.get(verb="invoice.paid").facts["amount_khr"] == FEE


def test_without_an_invoice_the_fee_is_not_paid():
    with pytest.raises(Refused) as refused:
        check_is_paid(an_application_with_fee())
    assert code_of(refused) == "fee_not_invoiced"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"amount_khr": FEE - 1}, "wrong_amount"),
        ({"amount_khr": FEE + 1}, "wrong_amount"),
        ({"amount_khr": 0}, "wrong_amount"),
        ({"receipt_number": "  "}, "no_receipt_number"),
        ({"method": PaymentMethod.BANK, "reference": " "}, "no_reference"),
        ({"method": PaymentMethod.KHQR, "reference": ""}, "no_reference"),
        ({"paid_on": TODAY + DAY}, "paid_on_another_day"),
        ({"paid_on": TODAY - DAY}, "paid_on_another_day"),
    ],
)
def test_a_payment_that_is_not_whole_is_refused_in_words(fields, code):
    invoice = an_invoice()
    with pytest.raises(Refused) as refused:
        a_payment(invoice, **fields)
    assert code_of(refused) == code
    invoice.refresh_from_db()
    assert invoice.state == InvoiceState.OPEN
    assert not Payment.objects.exists()


def test_a_receipt_is_recorded_once_and_an_invoice_is_paid_once():
    payment = a_payment(receipt_number="R-7")
    with pytest.raises(Refused) as refused:
        a_payment(receipt_number=" R-7")
    assert code_of(refused) == "receipt_taken"
    assert str(payment.invoice) in refused.value.sentence
    with pytest.raises(Refused) as refused:
        a_payment(payment.invoice)
    assert code_of(refused) == "wrong_state"


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.LICENSING_OFFICER}))
def test_only_officers_and_the_manager_of_the_province_record_payments_and_cancel(role):
    elsewhere = an_invoice(facility=a_facility(province=another_province(), operator=an_operator()))
    person = a_user(role, province=a_province())
    with pytest.raises(NotPermitted):
        a_payment(elsewhere, by=person)
    with pytest.raises(NotPermitted):
        invoices.cancel(invoice=elsewhere, reason="Wrong", by=person, at=NOW)
    if role == Role.PROVINCIAL_MANAGER:
        assert a_payment(an_invoice(), by=person).recorded_by == person


# --- refunds


def test_money_is_paid_back_in_parts_until_the_invoice_is_refunded():
    payment = a_payment()
    refund(payment, amount_khr=FEE - 200_000)
    payment.invoice.refresh_from_db()
    assert payment.invoice.state == InvoiceState.PAID
    check_is_paid(payment.invoice.application)
    with pytest.raises(Refused) as refused:
        refund(payment, amount_khr=200_001)
    assert code_of(refused) == "wrong_amount"
    assert "200,000" in refused.value.sentence
    refund(payment, amount_khr=200_000)
    payment.invoice.refresh_from_db()
    assert payment.invoice.state == InvoiceState.REFUNDED
    with pytest.raises(Refused) as refused:
        check_is_paid(payment.invoice.application)
    assert code_of(refused) == "fee_not_invoiced"
    verbs = AuditEvent.objects.order_by("pk").values_list("verb", flat=True)
    assert [verb for verb in verbs if "refund" in verb] == ["invoice.refunded_in_part", "invoice.refunded"]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"amount_khr": 0}, "wrong_amount"),
        ({"amount_khr": FEE + 1}, "wrong_amount"),
        ({"reason": " "}, "no_reason"),
        ({"refunded_on": TODAY - DAY}, "refunded_on_another_day"),
        ({"refunded_on": TODAY + DAY}, "refunded_on_another_day"),
    ],
)
def test_a_refund_that_makes_no_sense_is_refused_in_words(fields, code):
    payment = a_payment()
    with pytest.raises(Refused) as refused:
        refund(payment, **fields)
    assert code_of(refused) == code
    assert not Refund.objects.exists()


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.APPROVER}))
def test_only_an_approver_pays_back(role):
    with pytest.raises(NotPermitted):
        refund(a_payment(), by=a_user(role))


def test_who_recorded_the_payment_does_not_pay_it_back_even_as_an_approver():
    person = a_user(Role.LICENSING_OFFICER)
    payment = a_payment(by=person)
    person.role = Role.APPROVER
    person.save()
    with pytest.raises(NotPermitted) as refused:
        refund(payment, by=person)
    assert refused.value.code == "own_payment"


# --- what the database refuses to anybody


def refused_by(name, statement, *parameters):
    with pytest.raises(DatabaseError, match=name), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, parameters)


PAY = """
    INSERT INTO licensing_payment (invoice_id, amount_khr, receipt_number, method, paid_on, reference, recorded_at)
    VALUES (%s, %s, 'R-1', 'cash', '2026-11-22', '', now())
"""
PAY_BACK = """
    INSERT INTO licensing_refund (payment_id, amount_khr, reason, refunded_on, recorded_at, recorded_by_id)
    VALUES (%s, %s, 'x', '2026-11-22', now(), %s)
"""


def test_raw_sql_does_not_get_around_the_whole_amount():
    invoice = an_invoice()
    refused_by("does not ask for", PAY, invoice.pk, FEE - 1)
    refused_by("is not paid", "UPDATE licensing_invoice SET state = 'paid' WHERE id = %s", invoice.pk)
    invoices.cancel(invoice=invoice, reason="x", by=a_user(Role.LICENSING_OFFICER), at=NOW)
    refused_by("does not ask for", PAY, invoice.pk, FEE)
    refused_by("Invalid transition", "UPDATE licensing_invoice SET state = 'unpaid', reason = ''")


def test_raw_sql_does_not_pay_back_more_than_was_paid_or_an_own_payment():
    payment = a_payment()
    approver = a_user(Role.APPROVER)
    refused_by("recorded payment", PAY_BACK, payment.pk, 1, payment.recorded_by_id)
    refused_by("beyond its amount", PAY_BACK, payment.pk, FEE + 1, approver.pk)
    refund(payment, amount_khr=FEE - 1)
    refused_by("beyond its amount", PAY_BACK, payment.pk, 2, approver.pk)
    refused_by("is not paid back", "UPDATE licensing_invoice SET state = 'refunded'")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE licensing_invoice SET amount_khr = 1",
        "UPDATE licensing_invoice SET number = 'INV-2026-000099'",
        "UPDATE licensing_invoice SET due_on = '2030-01-01'",
        "UPDATE licensing_invoice SET reason = 'x'",
        "DELETE FROM licensing_invoice",
        "UPDATE licensing_payment SET amount_khr = 1",
        "UPDATE licensing_payment SET recorded_by_id = NULL",
        "DELETE FROM licensing_payment",
        "UPDATE licensing_refund SET amount_khr = 2",
        "DELETE FROM licensing_refund",
    ],
)
def test_what_was_asked_paid_and_paid_back_stays(statement):
    refund(a_payment(), amount_khr=1)
    refused_by(r"Cannot (update|delete)|only_a_cancelled_invoice_says_why", statement)


@pytest.mark.parametrize("reference", ["", "B-1"])
def test_a_bank_names_its_payment_in_the_database_too(reference):
    invoice = an_invoice()
    statement = PAY.replace("'cash'", "'bank'").replace("''", f"'{reference}'")
    if reference:
        with connection.cursor() as cursor:
            cursor.execute(statement, [invoice.pk, FEE])
    else:
        refused_by("a_bank_names_its_payment", statement, invoice.pk, FEE)


# --- reconciliation


def test_the_sums_are_those_of_the_rows_whatever_was_paid_and_paid_back():
    chance = random.Random(4)
    officers = [a_user(Role.LICENSING_OFFICER) for _ in range(2)]
    approver = a_user(Role.APPROVER)
    later = NOW + 40 * DAY
    for _ in range(40):
        amount = chance.randrange(1, 10**9)
        facility = a_facility(province=chance.choice([a_province(), another_province()]), operator=an_operator())
        invoice = an_invoice(facility=facility, type=a_licence_type_with_fees(new=amount))
        if chance.random() < 0.8:
            payment = payments.record(
                invoice=invoice,
                amount_khr=amount,
                receipt_number=f"R{invoice.pk}",
                method=chance.choice(PaymentMethod.values),
                paid_on=TODAY + chance.randrange(40) * DAY,
                reference="FT-1",
                by=chance.choice(officers),
                at=later,
            )
            for _again in range(chance.randrange(3)):
                part = chance.randrange(1, amount // 2)
                day = payment.paid_on + chance.randrange(3) * DAY
                refunds.record(
                    payment=payment,
                    amount_khr=part,
                    reason="x",
                    refunded_on=min(day, TODAY + 40 * DAY),
                    by=approver,
                    at=later,
                )
    manager = a_user(Role.PROVINCIAL_MANAGER, province=a_province())
    for person in (a_user(Role.AUDITOR), manager):
        for first, last in ((TODAY, TODAY + 40 * DAY), (TODAY + 5 * DAY, TODAY + 12 * DAY), (TODAY, TODAY)):
            rows = list(movements(person, first, last))
            by_method, paid, back = Counter(), 0, 0
            balance = 0
            for row in rows:
                assert first <= row.day <= last
                balance += row.amount_khr
                assert row.balance == balance
                by_method[row.method] += row.amount_khr
                paid += row.amount_khr * (not row.is_refund)
                back -= row.amount_khr * row.is_refund
            *methods, whole = sums(person, first, last)
            assert {found.method: found.net_khr for found in methods} == by_method
            assert (whole.paid_khr, whole.refunded_khr, whole.net_khr) == (paid, back, balance)
            assert whole.payments + whole.refunds == len(rows)
            assert [row.day for row in rows] == sorted(row.day for row in rows)
    assert len(list(movements(manager, TODAY, TODAY + 40 * DAY))) < len(
        list(movements(a_user(Role.AUDITOR), TODAY, TODAY + 40 * DAY))
    )
    assert not list(movements(a_user(Role.OPERATOR), TODAY, TODAY + 40 * DAY))


def test_the_reconciliation_costs_two_reads_of_sums_and_one_of_rows(django_assert_num_queries):
    refund(a_payment(), amount_khr=5)
    a_payment()
    auditor = a_user(Role.AUDITOR)
    with django_assert_num_queries(3):
        sums(auditor, TODAY, TODAY)
        list(movements(auditor, TODAY, TODAY, most=10))


def test_the_file_holds_every_row_and_what_they_add_up_to(client):
    payment = a_payment(receipt_number="R-1")
    refund(payment, amount_khr=200_000)
    client.force_login(a_user(Role.AUDITOR))
    asked = {"first": "១/១១/២០២៦", "last": "30/11/2026"}
    page = client.get(reverse("reconciliation"), asked).content.decode()
    assert "1,000,000" in page and "-200,000" in page and payment.invoice.number in page
    sent = client.get(reverse("reconciliation"), asked | {"export": "csv"})
    lines = b"".join(sent).decode().splitlines()
    assert len(lines) == 1 + 2 + 2
    assert lines[1].endswith("1200000,1200000")
    assert lines[2].endswith("-200000,1000000")
    assert "1000000" in lines[-1]


@pytest.mark.parametrize("role", [Role.INSPECTOR, Role.ENFORCEMENT_OFFICER, Role.OPERATOR])
def test_the_reconciliation_is_closed_to_who_does_not_work_on_money(client, role):
    client.force_login(a_user(role))
    assert client.get(reverse("reconciliation")).status_code == 403


def test_days_the_wrong_way_round_are_said_to_be(client):
    client.force_login(a_user(Role.AUDITOR))
    page = client.get(reverse("reconciliation"), {"first": "2/11/2026", "last": "1/11/2026"}).content.decode()
    assert "The last day lies before the first one." in page


def test_an_invoice_of_another_province_is_not_there(client):
    invoice = an_invoice(facility=a_facility(province=another_province(), operator=an_operator()))
    client.force_login(a_user(Role.PROVINCIAL_MANAGER, province=a_province()))
    for name in ("invoice-detail", "invoice-pdf", "invoice-pay", "invoice-cancel"):
        assert client.get(reverse(name, args=[invoice.number])).status_code == 404
    assert Invoice.objects.count() == 1


# --- the pages


@pytest.fixture
def on_that_day(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def payee(settings):
    settings.PAYEE = settings.PAYEE | {"account": "moh_fees@devb"}


@pytest.mark.usefixtures("on_that_day", "payee")
@pytest.mark.parametrize("language", ["km", "en"])
def test_the_paper_holds_the_code_that_the_page_shows(client, language):
    invoice = an_invoice(facility=a_facility(name_km="មន្ទីរពហុព្យាបាល", operator=an_operator(name_km="សុខ ដារ៉ា")))
    client.force_login(a_user(Role.AUDITOR))
    shown = client.get(reverse("invoice-detail", args=[invoice.number])).context["content"]["code"]
    paper = client.get(reverse("invoice-pdf", args=[invoice.number]), {"language": language})
    assert paper["Content-Type"] == "application/pdf"
    picture = pypdfium2.PdfDocument(paper.content)[0].render(scale=300 / 72).to_pil()
    assert [found.text for found in zxingcpp.read_barcodes(picture)] == [shown]
    assert "54071200000" in shown and invoice.number in shown


@pytest.mark.usefixtures("payee")
def test_the_code_is_good_until_the_last_day_or_the_day_on_which_it_is_shown():
    invoice = an_invoice()
    assert code_to_pay(invoice, today=TODAY) == code_to_pay(invoice, today=invoice.due_on)
    assert code_to_pay(invoice, today=TODAY) != code_to_pay(invoice, today=invoice.due_on + DAY)
    invoices.cancel(invoice=invoice, reason="x", by=a_user(Role.LICENSING_OFFICER), at=NOW)
    invoice.refresh_from_db()
    assert code_to_pay(invoice, today=TODAY) == ""


def test_without_a_payee_there_is_no_code_and_one_that_does_not_fit_is_said_at_the_start(client, settings):
    settings.PAYEE = settings.PAYEE | {"account": ""}
    invoice = an_invoice()
    client.force_login(a_user(Role.AUDITOR))
    assert "KHQR" not in client.get(reverse("invoice-detail", args=[invoice.number])).content.decode()
    assert payee_fits_the_code() == []
    settings.PAYEE = settings.PAYEE | {"account": "no bank"}
    assert [found.id for found in payee_fits_the_code()] == ["licensing.E001"]


@pytest.mark.usefixtures("on_that_day")
def test_an_invoice_is_paid_and_paid_back_in_the_browser(client):
    invoice = an_invoice()
    page, pay = reverse("invoice-detail", args=[invoice.number]), reverse("invoice-pay", args=[invoice.number])
    sent = {
        "amount_khr": "១,២០០,០០០",
        "method": "bank",
        "paid_on": "២២/១១/២០២៦",
        "receipt_number": "R-១",
        "reference": "FT-9",
    }
    client.force_login(a_user(Role.LICENSING_OFFICER))
    assert pay in client.get(page).content.decode()
    wrong = client.post(pay, sent | {"amount_khr": "1200"})
    assert wrong.status_code == 409
    assert "asks for 1,200,000 riel, all at once" in wrong.content.decode() and "FT-9" in wrong.content.decode()
    assert client.post(pay, sent)["Location"] == page
    assert Payment.objects.get().receipt_number == "R-1"
    assert client.get(pay).status_code == 409

    client.force_login(a_user(Role.APPROVER))
    refund_page = reverse("invoice-refund", args=[invoice.number])
    assert refund_page in client.get(page).content.decode()
    back = {"amount_khr": "1.200.000", "refunded_on": "22/11/2026", "reason": "Paid twice"}
    assert client.post(refund_page, back)["Location"] == page
    invoice.refresh_from_db()
    assert invoice.state == InvoiceState.REFUNDED

    client.force_login(a_user(Role.LICENSING_OFFICER))
    assert client.post(reverse("invoice-issue", args=[invoice.number])).status_code == 302
    assert Invoice.objects.filter(state=InvoiceState.OPEN).count() == 1


def test_an_operator_sees_and_prints_own_invoices_and_no_others(client):
    own, other = an_invoice(), an_invoice()
    client.force_login(a_person_of(own.application.operator))
    assert [row[0].value for row in client.get(reverse("invoice-list")).context["rows"]] == [own.number]
    for name in ("invoice-detail", "invoice-pdf"):
        assert client.get(reverse(name, args=[own.number])).status_code == 200
        assert client.get(reverse(name, args=[other.number])).status_code == 404
    assert client.get(reverse("invoice-pay", args=[own.number])).status_code == 403
    assert "licensing_officer" not in client.get(reverse("invoice-detail", args=[own.number])).content.decode()


@pytest.mark.usefixtures("on_that_day")
@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, {"open", "overdue", "paid", "cancelled"}),
        ({"state": ["paid", "cancelled"]}, {"paid", "cancelled"}),
        ({"overdue": "yes"}, {"overdue"}),
        ({"overdue": "no"}, {"open"}),
        ({"method": "khqr"}, {"paid"}),
        ({"issued_until": "1/11/2026"}, {"overdue"}),
        ({"issued_from": "២/១១/២០២៦"}, {"open", "paid", "cancelled"}),
        ({"province": "01"}, {"open"}),
        ({"q": "r-៧៧"}, {"paid"}),
        ({"q": "kesararom"}, {"open"}),
    ],
)
def test_the_filters_of_the_list(client, asked, found):
    elsewhere = a_facility(province=another_province(), name_en="Kesararom Clinic", operator=an_operator())
    late = an_application_with_fee()
    made = {
        "open": an_invoice(facility=elsewhere),
        "overdue": invoices.issue(application=late, by=None, at=NOW - 90 * DAY),
        "paid": a_payment(method=PaymentMethod.KHQR, receipt_number="R-77").invoice,
        "cancelled": an_invoice(),
    }
    invoices.cancel(invoice=made["cancelled"], reason="x", by=a_user(Role.LICENSING_OFFICER), at=NOW)
    client.force_login(a_user(Role.AUDITOR))
    rows = client.get(reverse("invoice-list"), asked).context["rows"]
    assert {row[0].value for row in rows} == {made[name].number for name in found}


def test_the_list_costs_the_same_however_long_it_is(client, django_assert_num_queries):
    for _ in range(3):
        a_payment()
    client.force_login(a_user(Role.AUDITOR))
    with django_assert_num_queries(4):  # session, person, rows, the provinces to choose from
        client.get(reverse("invoice-list"))
