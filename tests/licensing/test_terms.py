"""Terms of licences: set ahead, looked at first, frozen once they hold. Reasons and advisers: added and withdrawn."""

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from licensing.actions import licence_types, reasons, terms
from licensing.models import AdviceBody, Fee, LicenceTerms, LicenceType, RefusalReason, RequiredDocument
from licensing.policies import terms_of
from licensing.reports.terms import changes
from licensing.rules.terms import contents
from registry.accounts.states import Role
from registry.actions import catalogue
from registry.audit.models import AuditEvent
from registry.core.errors import NotPermitted, Refused
from tests.factories import NOW, TODAY, a_facility_type, a_licence_type, a_user
from tests.factories_fees import an_application_with_fee

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("on_that_day")]
TOMORROW = TODAY + timedelta(days=1)
FAR_AHEAD = date(2999, 1, 1)
"""Ahead of the database's own clock too, which no test can set."""


@pytest.fixture
def on_that_day(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def clinic():
    """The licence of clinics as every installation begins with it."""
    catalogue.load(by=None, at=NOW)
    licence_types.load(by=None, at=NOW)
    return LicenceType.objects.get(code="clinic_licence")


def said(type):
    return contents(type.terms.get())


def set_terms(type, wanted, *, valid_from=TOMORROW, by=None):
    return terms.set_terms(type=type, valid_from=valid_from, wanted=wanted, by=by or a_user(), at=NOW)


def test_new_terms_hold_from_their_day_and_applications_keep_those_of_their_own_day(clinic):
    application = an_application_with_fee(type=clinic)
    before = said(clinic)
    wanted = before | {"validity_months": 24, "fees": {"new": 900_000}, "documents": before["documents"][:2]}
    made = set_terms(clinic, wanted)
    assert contents(made) == wanted
    assert terms_of(clinic, TODAY).validity_months == 36
    assert terms_of(clinic, TOMORROW).validity_months == 24
    application.refresh_from_db()
    assert application.terms == terms_of(clinic, TODAY)
    event = AuditEvent.objects.get(verb="licence_terms.set")
    assert (event.facts["type"], event.facts["fees"]) == ("clinic_licence", {"new": 900_000})


@pytest.mark.parametrize(("day", "code"), [(TODAY, "terms_in_the_past"), (date(2000, 1, 1), "terms_in_the_past")])
def test_terms_begin_tomorrow_at_the_earliest(clinic, day, code):
    with pytest.raises(Refused) as refused:
        set_terms(clinic, said(clinic) | {"target_days": 9}, valid_from=day)
    assert refused.value.code == code


def test_terms_that_say_nothing_new_or_begin_on_the_day_of_others_are_refused(clinic):
    wanted = said(clinic)
    with pytest.raises(Refused) as refused:
        set_terms(clinic, wanted)
    assert refused.value.code == "nothing_changes"
    set_terms(clinic, wanted | {"target_days": 9})
    with pytest.raises(Refused) as refused:
        set_terms(clinic, wanted | {"target_days": 10})
    assert refused.value.code == "terms_begin_on_that_day"


def test_terms_that_do_not_hold_yet_are_deleted_and_those_that_held_are_not(clinic):
    made = set_terms(clinic, said(clinic) | {"target_days": 9}, valid_from=FAR_AHEAD)
    terms.delete(terms=made, by=a_user(), at=NOW)
    assert clinic.terms.count() == 1
    with pytest.raises(Refused) as refused:
        terms.delete(terms=clinic.terms.get(), by=a_user(), at=NOW)
    assert refused.value.code == "terms_in_force"


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.ADMINISTRATOR}))
def test_only_administrators_keep_them(clinic, role, client):
    person = a_user(role)
    coming = set_terms(clinic, said(clinic) | {"target_days": 9})
    reason = RefusalReason.objects.create(code="x", name_km="ក", name_en="X", clause="§ 1")
    for act in (
        lambda: set_terms(clinic, said(clinic), by=person),
        lambda: terms.delete(terms=coming, by=person, at=NOW),
        lambda: licence_types.save(type=clinic, facility_types=[], by=person, at=NOW),
        lambda: reasons.add(entry=AdviceBody(code="y"), by=person, at=NOW),
        lambda: reasons.withdraw(entry=reason, by=person, at=NOW),
    ):
        with pytest.raises((NotPermitted, LicenceTerms.MultipleObjectsReturned)):
            act()
    client.force_login(person)
    page = client.get(reverse("licence-type-detail", args=[clinic.code]))
    assert page.status_code == (403 if role == Role.OPERATOR else 200)
    assert reverse("terms-create", args=[clinic.code]) not in page.content.decode()
    assert client.get(reverse("terms-create", args=[clinic.code])).status_code == 403


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE licensing_licenceterms SET validity_months = 1",
        "DELETE FROM licensing_licenceterms",
        "UPDATE licensing_fee SET amount_khr = 1",
        "DELETE FROM licensing_fee",
        "UPDATE licensing_requireddocument SET optional = true",
        "DELETE FROM licensing_requireddocument",
        (
            "INSERT INTO licensing_fee (terms_id, kind, amount_khr) SELECT terms_id, 'surrender', 1"
            " FROM licensing_application"
        ),
    ],
)
def test_raw_sql_does_not_change_terms_that_hold(clinic, statement):
    an_application_with_fee(type=clinic)
    with pytest.raises(DatabaseError, match=r"hold|rest on"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


# --- the page


def filled_in(client, type, **changes_):
    """What the form of new terms sends when only these things are changed."""
    form = client.get(reverse("terms-create", args=[type.code])).context["form"]
    sent = {}
    for name, field in form.fields.items():
        value = form.get_initial_for_field(field, name)
        if isinstance(value, bool):
            value = "on" if value else None
        if value not in (None, ""):
            sent[name] = value
    return {name: value for name, value in (sent | changes_).items() if value is not None}


def test_what_changes_is_shown_side_by_side_before_it_is_saved(client, clinic):
    client.force_login(a_user())
    address = reverse("terms-create", args=[clinic.code])
    sent = filled_in(
        client,
        clinic,
        **{
            "valid_from": "១/១/២០២៧",
            "validity_months": "២៤",
            "basis": "Prakas 12",
            "reminder_days": "30, ៦០, -1",
            "fee:new": "១,៥០០,០០០",
            "fee:variation": None,
            "fee:surrender": "50 000 ៛",
            "kinds:7": None,
            "new_km:0": "វិញ្ញាបនបត្រអគ្គិភ័យ",
            "new_en:0": "Fire certificate",
            "new_kinds:0": ["new", "relocation"],
        },
    )
    page = client.post(address, sent)
    rows = {what: (before, after) for what, before, after in page.context["rows"]}
    assert rows == {
        "Valid for, in months": ("36", "24"),
        "Days before the expiry on which to remind": ("90, 60, 30, -1, -30", "60, 30, -1"),
        "Rests on": ("Values to begin with; to be replaced by the decisions of the Ministry", "Prakas 12"),
        "Fee in riel: New licence": ("1,000,000", "1,500,000"),
        "Fee in riel: Variation": ("100,000", "–"),
        "Fee in riel: Surrender": ("–", "50,000"),
        "Document: Contract for medical waste": ("New licence, Renewal (optional)", "–"),
        "Document: Fire certificate": ("–", "New licence, Relocation"),
    }
    assert clinic.terms.count() == 1
    assert client.post(address, sent | {"change": "1"}).context["form"].data["basis"] == "Prakas 12"
    response = client.post(address, sent | {"save": "1"})
    assert (response.status_code, response["Location"]) == (302, reverse("licence-type-detail", args=[clinic.code]))
    made = terms_of(clinic, date(2027, 1, 1))
    assert contents(made)["documents"][-1]["code"] == "fire-certificate"
    assert contents(made)["fees"]["surrender"] == 50_000
    shown = client.get(reverse("terms-detail", args=[clinic.code, "2027-01-01"])).content.decode()
    assert (
        "1,500,000" in shown
        and "Fire certificate" in shown
        and reverse("terms-delete", args=[clinic.code, "2027-01-01"]) in shown
    )
    client.post(reverse("terms-delete", args=[clinic.code, "2027-01-01"]))
    assert clinic.terms.count() == 1


@pytest.mark.parametrize(
    ("changes_", "field"),
    [
        ({"reminder_days": "soon"}, "reminder_days"),
        ({"reminder_days": "9999"}, "reminder_days"),
        ({"visit_needed": None}, "minimum_band"),
        ({"validity_months": "0"}, "validity_months"),
        ({"fee:new": "1.5"}, "fee:new"),
        ({"fee:new": "12,00,000"}, "fee:new"),
        ({"fee:new": "-1"}, "fee:new"),
        ({"new_en:0": "Half a document"}, "new_km:0"),
        ({"new_km:0": "no Khmer", "new_en:0": "X", "new_kinds:0": ["new"]}, "new_km:0"),
    ],
)
def test_what_makes_no_sense_stays_on_the_page_with_a_sentence(client, clinic, changes_, field):
    client.force_login(a_user())
    sent = filled_in(client, clinic, valid_from="1/1/2027", **changes_)
    page = client.post(reverse("terms-create", args=[clinic.code]), sent)
    assert page.status_code == 200
    assert set(page.context["form"].errors) >= {field}


def test_what_the_law_refuses_stays_on_the_page_too(client, clinic):
    client.force_login(a_user())
    sent = filled_in(client, clinic, valid_from="22/11/2026", target_days="9")
    page = client.post(reverse("terms-create", args=[clinic.code]), sent | {"save": "1"})
    assert page.status_code == 409
    assert "from tomorrow on at the earliest" in page.content.decode()
    assert page.context["form"].data["target_days"] == "9"


def test_a_new_licence_type_has_no_terms_and_gets_its_first(client):
    client.force_login(a_user())
    kind = a_facility_type()
    sent = {
        "code": "mobile",
        "name_km": "អាជ្ញាប័ណ្ណចល័ត",
        "name_en": "Mobile licence",
        "authority": "ministry",
        "facility_types": [kind.pk],
    }
    assert client.post(reverse("licence-type-create"), sent)["Location"] == reverse(
        "licence-type-detail", args=["mobile"]
    )
    type = LicenceType.objects.get()
    assert list(type.facility_types.all()) == [kind]
    assert "No terms are set yet" in client.get(reverse("licence-type-detail", args=["mobile"])).content.decode()
    first = {
        "valid_from": "1/1/2027",
        "basis": "Prakas 1",
        "validity_months": "12",
        "target_days": "20",
        "appeal_days": "30",
        "payment_days": "15",
        "save": "1",
    }
    assert client.post(reverse("terms-create", args=["mobile"]), first).status_code == 302
    assert terms_of(type, date(2027, 1, 1)).payment_days == 15
    renamed = sent | {"name_en": "Licence of a mobile clinic", "facility_types": []}
    client.post(reverse("licence-type-edit", args=["mobile"]), renamed)
    type.refresh_from_db()
    assert (type.name_en, type.authority, type.facility_types.count()) == ("Licence of a mobile clinic", "ministry", 0)


def test_before_the_first_terms_everything_is_new():
    type = a_licence_type()
    assert all(before == "–" for _what, before, _after in changes(None, said(type)))


def test_the_list_of_types_costs_the_same_however_long_it_is(client, clinic, django_assert_num_queries):
    client.force_login(a_user(Role.AUDITOR))
    with django_assert_num_queries(4):  # session, person, types, the facilities they are for
        client.get(reverse("licence-type-list"))


# --- reasons for refusal and advisers


@pytest.mark.parametrize(
    ("noun", "model", "more"),
    [("refusal-reason", RefusalReason, {"clause": "§ 9"}), ("adviser", AdviceBody, {})],
)
def test_an_entry_is_added_and_withdrawn_but_stays(client, noun, model, more):
    client.force_login(a_user())
    sent = {"code": "noise", "name_km": "សំឡេងរំខាន", "name_en": "Noise"} | more
    assert client.post(reverse(f"{noun}-create"), sent)["Location"] == reverse(f"{noun}-list")
    entry = model.objects.offered(TODAY).get()
    withdraw = reverse(f"{noun}-withdraw", args=["noise"])
    assert withdraw in client.get(reverse(f"{noun}-list")).content.decode()
    assert client.post(withdraw).status_code == 302
    entry.refresh_from_db()
    assert entry.withdrawn_on == TODAY
    assert not model.objects.offered(TODAY).exists()
    assert client.post(withdraw).status_code == 409
    assert withdraw not in client.get(reverse(f"{noun}-list")).content.decode()
    verbs = list(AuditEvent.objects.order_by("pk").values_list("verb", flat=True))
    assert [verb.rsplit(".")[1] for verb in verbs] == ["created", "withdrawn"]
    assert client.post(reverse(f"{noun}-create"), sent).status_code == 200  # the code is taken


def test_fees_and_documents_go_with_terms_that_never_held():
    type = a_licence_type()
    made = set_terms(
        type,
        said(type)
        | {
            "fees": {"new": 5},
            "documents": [{"code": "plan", "name_km": "ប្លង់", "name_en": "Plan", "kinds": ["new"], "optional": False}],
        },
        valid_from=FAR_AHEAD,
    )
    assert (Fee.objects.count(), RequiredDocument.objects.count()) == (1, 1)
    terms.delete(terms=made, by=a_user(), at=NOW)
    assert (Fee.objects.count(), RequiredDocument.objects.count()) == (0, 0)
