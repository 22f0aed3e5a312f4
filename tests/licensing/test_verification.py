"""What anybody is told about a certificate, and how often."""

from datetime import date, timedelta

import pytest
import time_machine
from django.core.cache import cache

from licensing.actions import certificates
from licensing.models import Licence, ServiceAuthorisation, SigningKey
from licensing.rules import payload
from licensing.states import LicenceState
from tests.factories import NOW, TODAY, a_facility, a_licence, a_service, a_suspension, an_authorisation

pytestmark = pytest.mark.django_db
LAST = date(2028, 11, 21)


@pytest.fixture(autouse=True)
def on_the_day():
    cache.clear()
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def licence():
    facility = a_facility(name_km="គ្លីនិកសុខភាព", name_en="Sokhapheap Clinic", address="No 12, Street 271")
    return a_licence(facility, valid_from=TODAY, valid_until=LAST)


@pytest.fixture
def certificate(licence):
    an_authorisation(licence.facility, valid_from=TODAY, valid_until=LAST)
    cosmetic = a_service("cosmetic_surgery", name_km="វះកាត់កែសម្ផស្ស", name_en="Cosmetic surgery")
    an_authorisation(licence.facility, valid_from=TODAY, valid_until=LAST, service=cosmetic)
    return certificates.issue(licence=licence, by=None, at=NOW)


def asked(client, certificate, **extra):
    return client.get(f"/verify/{certificate.serial}/", **extra)


def test_a_stranger_reads_that_a_licence_is_valid_where_and_for_what(client, certificate, django_assert_num_queries):
    with django_assert_num_queries(1):
        response = asked(client, certificate)
    page = response.content.decode()
    assert response.status_code == 200 and not response.cookies
    assert response["Cache-Control"] == "private, no-cache"
    for words in ("<h1", "Valid", "គ្លីនិកសុខភាព", "Sokhapheap Clinic", "No 12, Street 271", "Cosmetic surgery"):
        assert words in page
    assert "<script" not in page


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (TODAY - timedelta(days=1), "Not in force yet"),
        (LAST + timedelta(days=1), "Expired"),
        ({"state": LicenceState.SUSPENDED, "suspended_from": TODAY}, "Suspended"),
        ({"state": LicenceState.SUSPENDED, "suspended_from": TODAY + timedelta(days=1)}, "Valid"),
        ({"state": LicenceState.REVOKED, "ended_on": TODAY}, "Revoked"),
        ({"state": LicenceState.REVOKED, "ended_on": TODAY + timedelta(days=1)}, "Valid"),
        ({"state": LicenceState.SURRENDERED, "ended_on": TODAY}, "Given back"),
    ],
)
def test_the_first_word_on_the_page_is_what_the_licence_is_worth(client, certificate, changes, words):
    on = changes if isinstance(changes, date) else TODAY
    if on is TODAY:
        if "suspended_from" in changes:
            a_suspension(certificate.licence, from_on=changes["suspended_from"])
        Licence.objects.filter(pk=certificate.licence_id).update(**changes)
    with time_machine.travel(NOW + (on - TODAY), tick=False):
        page = asked(client, certificate).content.decode()
    assert f'<h1 class="govuk-heading-l">{words}</h1>' in page


def test_a_suspended_service_leaves_the_facility_licensed(client, certificate):
    cosmetic = ServiceAuthorisation.objects.filter(service__code="cosmetic_surgery")
    a_suspension(cosmetic.get(), from_on=TODAY)
    cosmetic.update(state=LicenceState.SUSPENDED, suspended_from=TODAY)
    page = asked(client, certificate).content.decode()
    assert '<h1 class="govuk-heading-l">Valid</h1>' in page
    after = page.split("Cosmetic surgery", 1)[1]
    assert "Suspended" in after.split("Surgery", 1)[0]
    assert page.split('lang="en">Surgery', 1)[1].split("</dd>")[0].count("Valid") == 1


def test_an_older_paper_says_that_a_newer_one_replaced_it(client, certificate):
    newer = certificates.issue(licence=certificate.licence, by=None, at=NOW)
    assert "Replaced by a newer certificate" in asked(client, certificate).content.decode()
    assert '<h1 class="govuk-heading-l">Valid</h1>' in asked(client, newer).content.decode()


def test_a_revoked_key_takes_its_certificates_with_it(client, certificate):
    SigningKey.objects.update(revoked_at=NOW, retired_at=NOW, reason="stolen")
    assert '<h1 class="govuk-heading-l">No longer trusted</h1>' in asked(client, certificate).content.decode()


def test_the_numbers_on_the_paper_lead_to_the_answer_however_they_are_typed(client, certificate):
    typed = certificate.number.lower().replace("0", "o")
    for text in (typed, f" {certificate.serial} ", certificate.licence.number.lower()):
        assert client.get("/verify/", {"q": text}).url == f"/verify/{certificate.serial}/"
    assert client.get("/verify/", {"q": "KHNOSUCH"}).status_code == 404
    assert client.get("/verify/000000000000/").status_code == 404


def test_the_text_of_the_code_is_checked_and_a_forged_one_is_called_so(client, certificate):
    text = payload.qr_text(bytes(certificate.message))
    assert '<h1 class="govuk-heading-l">Valid</h1>' in client.get("/verify/", {"q": text}).content.decode()
    forged = text[:200] + ("A" if text[200] != "A" else "B") + text[201:]
    assert '<h1 class="govuk-heading-l">Not genuine</h1>' in client.get("/verify/", {"q": forged}).content.decode()


def test_the_answer_is_in_khmer_or_english_as_asked(client, certificate):
    assert (
        '<html class="govuk-template" lang="km">'
        in asked(client, certificate, query_params={"language": "km"}).content.decode()
    )
    assert (
        '<html class="govuk-template" lang="en">'
        in asked(client, certificate, query_params={"language": "en"}).content.decode()
    )


def test_a_scraper_is_told_to_wait_and_a_village_behind_one_address_is_not(client, certificate):
    statuses = [asked(client, certificate).status_code for _ in range(240)]
    assert set(statuses) == {200}
    refused = asked(client, certificate)
    assert refused.status_code == 429 and 0 < int(refused["Retry-After"]) <= 60
    assert asked(client, certificate, REMOTE_ADDR="203.0.113.9").status_code == 200
