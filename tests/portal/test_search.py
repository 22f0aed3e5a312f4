"""The search box in the header."""

from datetime import date

import pytest
from django.urls import reverse

from registry.accounts.states import Role
from registry.core.khmer import khmer_digits
from registry.models import FacilityIdentifier
from tests.factories import a_facility, a_licence, a_user, another_province

pytestmark = pytest.mark.django_db


@pytest.fixture
def facility():
    return a_facility(name_en="Kesararom Clinic", name_km="គ្លីនិក កេសរារាម")


def search(client, text, role=Role.AUDITOR):
    client.force_login(a_user(role))
    return client.get(reverse("search"), {"q": text})


@pytest.mark.parametrize("typed", [str, str.lower, khmer_digits, lambda number: f" {number[2:]} "])
def test_an_exact_number_leads_to_the_dossier(client, facility, typed):
    response = search(client, typed(facility.number))
    assert response.status_code == 302
    assert response["Location"] == reverse("facility-detail", args=[facility.number])


@pytest.mark.parametrize("text", ["kesararom", "CLINIC kesar", "កេសរារាម", "N-0042"])
def test_a_name_or_the_number_in_another_system_is_found(client, facility, text):
    FacilityIdentifier.objects.create(facility=facility, system="NSSF", value="N-0042")
    assert facility.number in search(client, text).content.decode()


def test_a_licence_is_found_by_the_beginning_of_its_number(client, facility):
    a_licence(facility, valid_from=date(2026, 1, 1), valid_until=date(2026, 12, 31), number="12/26")
    assert reverse("licence-detail", args=["12/26"]) in search(client, "12/2").content.decode()


def test_a_mistyped_number_is_said_to_be_one(client, facility):
    wrong = f"{facility.number[:-1]}{(int(facility.number[-1]) + 1) % 10}"
    assert search(client, wrong).context["mistyped"]


@pytest.mark.parametrize("text", ["", "   ", "?", "\x00", "%", "ឲ្យ" * 200])
def test_whatever_is_typed_is_answered(client, facility, text):
    assert search(client, text).status_code == 200


def test_nothing_of_another_province_is_found(client):
    elsewhere = a_facility(province=another_province(), name_en="Kesararom Clinic")
    a_licence(elsewhere, valid_from=date(2026, 1, 1), valid_until=date(2026, 12, 31), number="12/26")
    for text in ("kesararom", "12/26", elsewhere.number):
        found = search(client, text, Role.INSPECTOR).context
        assert not found["facilities"] and not found["licences"]


def test_a_search_costs_six_queries_at_most(client, django_assert_max_num_queries):
    for _ in range(5):
        a_licence(a_facility(name_en="Kesararom"), valid_from=date(2026, 1, 1), valid_until=date(2026, 12, 31))
    client.force_login(a_user(Role.AUDITOR))
    with django_assert_max_num_queries(6):  # session, person, what is meant, facilities, licences
        client.get(reverse("search"), {"q": "kesararom"})
