"""The list of facilities: any spelling, Khmer order, within one's province, a fixed number of queries."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from registry.accounts.states import Role
from registry.areas.models import Area
from registry.areas.states import AreaLevel
from registry.core.khmer import khmer_digits, sort_key
from registry.core.numbers import is_facility_number, is_meant_as_number, normalised
from registry.models import Facility, FacilityIdentifier, FacilityService
from registry.states import OperationalStatus, Ownership
from tests.factories import (
    TODAY,
    a_facility,
    a_facility_type,
    a_province,
    a_service,
    a_user,
    an_operator,
    another_province,
)

pytestmark = pytest.mark.django_db
LIST = "/facilities/"


@pytest.fixture
def officer(client: Client) -> Client:
    client.force_login(a_user(Role.LICENSING_OFFICER))
    return client


def found(text: str) -> list[str]:
    return sorted(str(facility.name_en) for facility in Facility.objects.all().matching(text))


def shown(response: Any) -> list[str]:
    return [row[2].value for row in response.context["rows"]]


def a_district(province: Area, code: str, name: str) -> Area:
    return Area.objects.create(
        code=code,
        level=AreaLevel.DISTRICT,
        parent=province,
        province=province,
        name_km=name,
        name_en=name,
        kind_km="ស្រុក",
        kind_en="District",
        search_key=name.lower(),
        sort_key=sort_key(name),
        source="test",
    )


@pytest.mark.parametrize(
    ("name_km", "name_en", "typed"),
    [
        ("មន្ទីរពេទ្យកណ្ដាល", "Central", "កណ្តាល"),
        ("មន្ទីរពេទ្យកណ្តាល", "Central", "មន្ទីរពេទ្យ កណ្ដាល"),
        ("មណ្ឌល\u200bសុខភាព\u200bស្វាយ", "Svay", "មណ្ឌលសុខភាពស្វាយ"),
        ("ឱសថស្ថានសុខ", "Sok", "ឱសថ\u200bស្ថាន"),
        ("ឲ្យសុខ", "Health", "ឱ្យសុខ"),
        ("គ្លីនិក ៧ មករា", "7 January", "7"),
        ("គ្លីនិក 7 មករា", "7 January", "៧ មករា"),
        ("", "Kratié Clinic", "kratie"),
        ("", "Kratie Clinic", "KRATIÉ"),
        ("", "O’Russey Clinic", "orussey"),
        ("", "Preah Kossamak Hospital", "kossa hosp"),
        ("", "Sok   San-Clinic", "clinic sok san"),
        ("គ្លីនិកសុខ", "Sok Clinic", "sok គ្លីនិក"),
    ],
)
def test_a_name_is_found_however_it_is_spelt(name_km: str, name_en: str, typed: str) -> None:
    a_facility(name_km=name_km, name_en=name_en)
    a_facility(name_km="មន្ទីរពេទ្យផ្សេង", name_en="Another place")
    assert found(typed) == [name_en]


def test_every_word_must_be_there() -> None:
    a_facility(name_en="Sok Clinic")
    assert found("sok pharmacy") == []


def test_a_slip_of_the_finger_finds_similar_names_only_where_no_name_has_the_words(officer: Client) -> None:
    a_facility(name_en="Battambang Clinic")
    a_facility(name_en="Kampot Clinic")
    assert found("battambong") == ["Battambang Clinic"]
    assert found("clinic") == ["Battambang Clinic", "Kampot Clinic"]
    assert "similar" in officer.get(LIST, {"q": "battambong"}, headers={"accept-language": "en"}).context["note"]
    assert officer.get(LIST, {"q": "battambang"}).context["note"] == ""


def test_a_number_is_found_in_khmer_digits_in_small_letters_with_spaces_and_by_its_beginning() -> None:
    facility = a_facility(name_en="Sok Clinic")
    number = facility.number
    for typed in (number, khmer_digits(number), number.lower(), f" {number[:5]} {number[5:]} ", number[2:], number[:8]):
        assert found(typed) == ["Sok Clinic"], typed


def test_a_wrong_digit_finds_nothing_and_says_so(officer: Client) -> None:
    number = a_facility(name_en="Sok Clinic").number
    wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
    response = officer.get(LIST, {"q": wrong}, headers={"accept-language": "en"})
    assert shown(response) == []
    assert response.context["note"] == f"{wrong} is not a facility number: a digit may be wrong."
    assert "a digit may be wrong" in response.content.decode()


def test_the_identifier_of_another_system_is_found_as_it_is() -> None:
    facility = a_facility(name_en="Sok Clinic")
    a_facility(name_en="Clinic 015009-B")
    FacilityIdentifier.objects.create(facility=facility, system="HMIS", value="015009")
    assert found("015009") == ["Clinic 015009-B", "Sok Clinic"]


def test_more_than_can_be_sorted_is_said_to_be_more(officer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("registry.views.facilities.SORTED", 3)
    for number in range(5):
        a_facility(name_en=f"Clinic {number}")
    response = officer.get(LIST, {"q": "clinic"}, headers={"accept-language": "en"})
    assert len(shown(response)) == 3
    assert "Add a word" in response.context["note"]
    assert not response.context["total"].exact
    exported = b"".join(officer.get(LIST, {"q": "clinic", "export": "csv"}).streaming_content).decode()  # type: ignore[attr-defined]
    assert exported.count("Clinic ") == 5


def test_names_come_in_khmer_order_and_latin_names_after_them(officer: Client) -> None:
    for name in ("ខេត្ត", "ក្រចេះ", "កំពត", "កាកាប"):
        a_facility(name_km=name, name_en=name)
    a_facility(name_en="Aoral")
    assert shown(officer.get(LIST)) == ["កាកាប", "កំពត", "ក្រចេះ", "ខេត្ត", "Aoral"]
    assert shown(officer.get(LIST, {"sort": "-name_km"})) == ["Aoral", "ខេត្ត", "ក្រចេះ", "កំពត", "កាកាប"]


@pytest.mark.parametrize("role", [Role.INSPECTOR, Role.PROVINCIAL_MANAGER])
def test_a_provincial_role_sees_its_province_only(client: Client, role: Role) -> None:
    a_facility(name_en="Here")
    elsewhere = a_facility(name_en="Elsewhere", province=another_province())
    client.force_login(a_user(role))
    assert shown(client.get(LIST)) == ["Here"]
    assert shown(client.get(LIST, {"q": "elsewhere"})) == []
    assert shown(client.get(LIST, {"q": elsewhere.number})) == []
    assert shown(client.get(LIST, {"province": "01"})) == []
    assert client.get(reverse("facility-edit", args=[elsewhere.number])).status_code == 404
    assert client.get(reverse("facility-status", args=[elsewhere.number])).status_code == 404


def test_filters_narrow_the_list(officer: Client) -> None:
    district = a_district(another_province(), "0102", "Mongkol Borey")
    operator = an_operator()
    clinic, pharmacy = a_facility_type(), a_facility_type("pharmacy", name_en="Pharmacy")
    here = a_facility(name_en="Here", type=clinic, operator=operator, latitude=11.5, longitude=104.9)
    there = a_facility(
        name_en="There",
        type=pharmacy,
        province=another_province(),
        ownership=Ownership.PUBLIC,
        status=OperationalStatus.TEMPORARILY_CLOSED,
    )
    Facility.objects.filter(pk=there.pk).update(area=district)
    FacilityService.objects.create(facility=here, service=a_service(), declared_on=TODAY)
    FacilityService.objects.create(facility=there, service=a_service(), declared_on=TODAY, withdrawn_on=TODAY)
    for parameters, expected in (
        ({"province": "01"}, ["There"]),
        ({"district": "0102"}, ["There"]),
        ({"type": "pharmacy"}, ["There"]),
        ({"type": ["pharmacy", "clinic"]}, ["Here", "There"]),
        ({"ownership": "public"}, ["There"]),
        ({"status": "temporarily_closed"}, ["There"]),
        ({"service": "surgery"}, ["Here"]),
        ({"point": "known"}, ["Here"]),
        ({"point": "missing"}, ["There"]),
        ({"operator": str(operator.pk)}, ["Here"]),
        ({"province": "99"}, []),
        ({"q": "here", "type": "pharmacy"}, ["There"]),
    ):
        assert shown(officer.get(LIST, parameters)) == expected, parameters


def test_the_list_takes_as_many_queries_for_one_row_as_for_many(
    officer: Client, django_assert_max_num_queries: Any
) -> None:
    for number in range(60):
        a_facility(name_en=f"Clinic {number}")
    officer.get(LIST)
    with django_assert_max_num_queries(14):
        officer.get(LIST, {"q": "clinic"})
    with django_assert_max_num_queries(10):
        officer.get(LIST)


@pytest.mark.parametrize("key", [1, 12, 96, 97, 98, 4711, 9_999_999])
def test_the_check_digits_of_the_database_are_those_of_the_standard(key: int) -> None:
    facility = a_facility(id=key)
    assert is_facility_number(facility.number)
    for place in range(2, 11):
        for digit in "0123456789":
            other = facility.number[:place] + digit + facility.number[place + 1 :]
            assert is_facility_number(other) == (other == facility.number)


@pytest.mark.parametrize(
    ("typed", "number", "meant"),
    [
        ("kh 0000001 97", "KH000000197", True),
        ("ខ០០០០០០១", "ខ0000001", False),
        ("០០០០០០១៩៧", "KH000000197", True),
        ("KH-0000001-97", "KH000000197", True),
        ("kh12", "KH12", True),
        ("khmer", "KHMER", False),
        ("7", "7", False),
    ],
)
def test_typed_numbers_become_written_ones(typed: str, number: str, meant: bool) -> None:
    assert normalised(typed) == number
    assert is_meant_as_number(typed) is meant


def test_scope_is_kept_in_similar_names(client: Client) -> None:
    a_facility(name_en="Battambang Clinic", province=another_province())
    client.force_login(a_user(Role.INSPECTOR, province=a_province()))
    assert shown(client.get(LIST, {"q": "battambong"})) == []
