"""Authorisations for services: on paper, with what they need, beside a licence that stays as it is."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from licensing.actions import grants, licences, service_authorisations
from licensing.models import Certificate, Licence, ServiceAuthorisation
from licensing.states import LicenceState
from registry.accounts.states import Role
from registry.audit.models import AuditEvent
from registry.core.errors import NotPermitted, Refused
from registry.models import EquipmentKind, Prerequisite
from tests.factories import (
    NOW,
    TODAY,
    a_facility,
    a_facility_type,
    a_licence,
    a_licence_type,
    a_service,
    a_user,
    an_authorisation,
    another_province,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("on_that_day")]
DAY = timedelta(days=1)
LAST = TODAY + 300 * DAY


@pytest.fixture
def on_that_day(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def licence() -> Licence:
    a_licence_type().facility_types.add(a_facility_type())
    return a_licence(a_facility(), valid_from=TODAY - 100 * DAY, valid_until=LAST)


def record(facility, **fields) -> ServiceAuthorisation:
    given: dict[str, Any] = {
        "service": a_service(),
        "number": "S 7/26",
        "valid_from": TODAY,
        "valid_until": LAST,
    } | fields
    given.setdefault("by", a_user(Role.LICENSING_OFFICER))
    return service_authorisations.record(facility=facility, **given, at=NOW)


def refused(code: str, facility, **fields) -> str:
    with pytest.raises(Refused) as refusal:
        record(facility, **fields)
    assert refusal.value.code == code
    return refusal.value.sentence


def test_it_is_recorded_by_one_approved_by_another_and_the_certificate_made_anew(licence):
    authorisation = record(licence.facility)
    assert not ServiceAuthorisation.objects.in_force(TODAY).exists()
    service_authorisations.approve(authorisation=authorisation, by=a_user(Role.APPROVER), at=NOW)
    assert ServiceAuthorisation.objects.in_force(TODAY).get() == authorisation
    assert Certificate.objects.get().licence == licence
    verbs = AuditEvent.objects.filter(subject_number="S 7/26").values_list("verb", flat=True)
    assert set(verbs) == {"authorisation.recorded", "authorisation.approved"}


def test_only_a_licensing_officer_records_one(licence):
    for role in set(Role.values) - {Role.LICENSING_OFFICER}:
        with pytest.raises(NotPermitted):
            record(licence.facility, by=a_user(role))


def test_a_service_that_the_licence_covers_gets_none(licence):
    refused("no_authorisation_needed", licence.facility, service=a_service("dressing", needs_authorisation=False))


def test_a_facility_without_a_licence_in_force_gets_none(licence):
    refused("no_licence_in_force", a_facility())
    grants.suspend(
        grant=licence,
        grounds="Danger",
        notice_on=TODAY,
        from_on=TODAY,
        review_on=None,
        by=a_user(Role.APPROVER),
        at=NOW,
    )
    refused("no_licence_in_force", licence.facility)


def test_what_the_service_needs_must_be_there_and_the_sentence_says_what_lacks(licence):
    kind = EquipmentKind.objects.create(
        code="monitor", name_km="ម៉ូនីទ័រ", name_en="Patient monitor", needs_calibration=False
    )
    Prerequisite.objects.create(service=a_service(), equipment_kind=kind, least=2, clause="§ 4")
    assert "Patient monitor" in refused("prerequisites_missing", licence.facility)


def test_two_of_one_service_do_not_overlap_and_two_services_may(licence):
    an_authorisation(licence.facility, valid_from=TODAY - 9 * DAY, valid_until=TODAY + 9 * DAY, number="S 1/26")
    assert "S 1/26" in refused("authorisations_overlap", licence.facility)
    assert record(licence.facility, valid_from=TODAY + 10 * DAY)
    assert record(licence.facility, number="S 8/26", service=a_service("dialysis"))


@pytest.mark.parametrize("number", ["MOH-2026-000123", "moh-a-2026-1", "PHD12-A-2026-000001", "phd01-2026-77"])
def test_a_number_that_only_the_register_gives_is_not_typed(licence, number):
    refused("number_of_a_series", licence.facility, number=number)
    with pytest.raises(Refused) as refusal:
        licences.record(
            facility=a_facility(),
            type=a_licence_type(),
            number=number,
            valid_from=TODAY,
            valid_until=LAST,
            by=a_user(Role.LICENSING_OFFICER),
            at=NOW,
        )
    assert refusal.value.code == "number_of_a_series"


def test_suspending_cosmetic_surgery_leaves_the_clinic_licensed_and_the_pages_say_so(client, licence):
    cosmetic = a_service("cosmetic_surgery", name_en="Cosmetic surgery")
    authorisation = an_authorisation(licence.facility, valid_from=TODAY, valid_until=LAST, service=cosmetic)
    client.force_login(a_user(Role.APPROVER))
    step = reverse("authorisation-suspend", args=[authorisation.number])
    asked = client.get(step).content.decode()
    assert "may not offer “Cosmetic surgery”" in asked and "Its licence and its other services stay" in asked
    sent = {"grounds": "No surgeon.", "notice_on": "20/11/2026", "from_on": "22/11/2026", "review_on": ""}
    assert client.post(step, sent)["Location"] == reverse("authorisation-detail", args=[authorisation.number])

    assert Licence.objects.in_force(TODAY).get() == licence
    assert not ServiceAuthorisation.objects.in_force(TODAY).exists()
    page = client.get(reverse("authorisation-detail", args=[authorisation.number])).content.decode()
    assert f"licence {licence.number} of the facility stays in force" in page and "No surgeon." in page
    page = client.get(reverse("licence-detail", args=[licence.number])).content.decode()
    assert "In force" in page and "Cosmetic surgery" in page and "Suspended" in page


def test_it_is_recorded_on_a_page_and_what_was_typed_stays_when_it_is_refused(client, licence):
    client.force_login(a_user(Role.LICENSING_OFFICER))
    address = reverse("authorisation-record", args=[licence.facility.number])
    sent = {"service": a_service().pk, "number": "S ៧/26", "valid_from": "១/១២/២០២៦", "valid_until": "1/6/2027"}
    response = client.post(address, sent)
    assert response["Location"] == reverse("authorisation-detail", args=["S 7/26"])
    response = client.post(address, sent)
    assert response.status_code == 409 and 'value="S 7/26"' in response.content.decode()


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, {"now", "later", "held"}),
        ({"service": "dialysis"}, {"later"}),
        ({"in_force_on": "22/11/2026"}, {"now"}),
        ({"state": "suspended"}, {"held"}),
        ({"q": "NOW"}, {"now"}),
        ({"province": "01"}, {"later"}),
    ],
)
def test_the_filters_of_the_list(client, asked, found):
    there = a_facility(province=another_province())
    an_authorisation(a_facility(), valid_from=TODAY, valid_until=LAST, number="now")
    dialysis = a_service("dialysis")
    an_authorisation(there, valid_from=TODAY + DAY, valid_until=LAST, number="later", service=dialysis)
    an_authorisation(a_facility(), valid_from=TODAY, valid_until=LAST, number="held", state=LicenceState.SUSPENDED)
    client.force_login(a_user(Role.AUDITOR))
    rows = client.get(reverse("authorisation-list"), asked).context["rows"]
    assert {row[0].value for row in rows} == found


def test_the_list_costs_the_same_however_long_it_is(client, django_assert_num_queries):
    client.force_login(a_user(Role.AUDITOR))
    for _ in range(3):
        an_authorisation(a_facility(), valid_from=TODAY, valid_until=LAST)
    with django_assert_num_queries(5):  # session, person, rows, the provinces and services to choose from
        client.get(reverse("authorisation-list"))
