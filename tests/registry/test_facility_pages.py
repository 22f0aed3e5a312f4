"""Registering, editing and closing a facility in a browser without JavaScript."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from registry.accounts.models import User
from registry.accounts.states import STAFF_ROLES, Role
from registry.areas.models import Area
from registry.areas.states import AreaLevel
from registry.core.khmer import search_key, sort_key
from registry.models import Facility, FacilityIdentifier, Operator
from registry.states import OperationalStatus
from tests.factories import (
    a_facility,
    a_facility_type,
    a_province,
    a_service,
    a_user,
    an_operator,
    another_province,
)

pytestmark = pytest.mark.django_db
ENGLISH = {"accept-language": "en"}


def an_area(parent: Area, code: str, level: AreaLevel, name: str) -> Area:
    return Area.objects.create(
        code=code,
        level=level,
        parent=parent,
        province=parent.province,
        name_km=name,
        name_en=name,
        kind_km="ស្រុក",
        kind_en=str(level.label),
        search_key=search_key(name),
        sort_key=sort_key(name),
        source="test",
    )


@pytest.fixture
def commune() -> Area:
    district = an_area(a_province(), "1201", AreaLevel.DISTRICT, "Chamkar Mon")
    return an_area(district, "120101", AreaLevel.COMMUNE, "Tonle Basak")


@pytest.fixture
def manager() -> User:
    return a_user(Role.PROVINCIAL_MANAGER)


@pytest.fixture
def browser(client: Client, manager: User) -> Client:
    client.force_login(manager)
    return client


def answers(**changes: Any) -> dict[str, Any]:
    return {
        "name_km": "គ្លីនិកសុខ",
        "name_en": "Sok Clinic",
        "type": a_facility_type().code,
        "ownership": "private",
        "status": "operating",
        "province": "12",
        "district": "1201",
        "commune": "120101",
        "beds": "១២",
        "opened_on": "៨/៣/២០២៣",
        "latitude": "11.55641234567",
        "longitude": "១០៤.៩",
        "services": [a_service().code],
        "identifiers": "HMIS: 120304\n\nNSSF : K-77",
    } | changes


def errors(response: Any) -> dict[str, Any]:
    return dict(response.context["form"].errors)


def test_a_facility_is_registered_with_all_that_was_typed(browser: Client, commune: Area, manager: User) -> None:
    response = browser.post(reverse("facility-create"), answers(), headers=ENGLISH, follow=True)
    facility = Facility.objects.get()
    assert response.redirect_chain == [(f"/facilities/{facility.number}/", 302)]
    assert f"Facility {facility.number} is registered." in response.content.decode()
    assert (facility.area, facility.province) == (commune, commune.province)
    assert (facility.latitude, facility.longitude) == (Decimal("11.556412"), Decimal("104.9"))
    assert (facility.beds, facility.opened_on) == (12, date(2023, 3, 8))
    assert facility.search_key == search_key("គ្លីនិកសុខ Sok Clinic")
    change = facility.status_changes.get()
    assert (change.effective_on, change.recorded_by) == (date(2023, 3, 8), manager)
    assert set(facility.identifiers.values_list("system", "value")) == {("HMIS", "120304"), ("NSSF", "K-77")}
    assert [declaration.service.code for declaration in facility.declared_services.all()] == ["surgery"]


def test_errors_are_summed_up_and_what_was_typed_is_kept(browser: Client, commune: Area) -> None:
    wrong = answers(
        name_km="PñMeBj", opened_on="31/2/2023", beds="many", longitude="", identifiers="120304", name_en="Sok & Sons"
    )
    response = browser.post(reverse("facility-create"), wrong, headers=ENGLISH)
    page = response.content.decode()
    assert set(errors(response)) == {"name_km", "opened_on", "beds", "longitude", "identifiers"}
    assert "There is a problem" in page
    assert 'href="#id_name_km"' in page
    assert "Limon" in page
    for typed in ("PñMeBj", "31/2/2023", "many", "Sok &amp; Sons", "11.55641234567"):
        assert typed in page
    assert response.context["form"]["services"].value() == ["surgery"]
    assert not Facility.objects.exists()


def test_a_name_is_needed_in_one_script_at_least(browser: Client, commune: Area) -> None:
    response = browser.post(reverse("facility-create"), answers(name_km="", name_en=""))
    assert set(errors(response)) == {"name_km"}


def test_places_are_chosen_level_by_level_without_javascript(browser: Client, commune: Area) -> None:
    form = browser.get(reverse("facility-create")).context["form"]
    assert [area.code for area in form.fields["province"].queryset] == ["12"]
    assert not form.fields["district"].queryset.exists()
    assert [form.fields[name].required for name in ("province", "district", "commune", "village")] == [True] * 3 + [
        False
    ]

    typed = answers(district="", commune="", beds="many", look_up="place")
    response = browser.post(reverse("facility-create"), typed, headers=ENGLISH)
    form = response.context["form"]
    assert [area.code for area in form.fields["district"].queryset] == ["1201"]
    assert not form.fields["commune"].queryset.exists()
    assert form["beds"].value() == "many"
    assert "There is a problem" not in response.content.decode()

    response = browser.post(reverse("facility-create"), answers(commune=""))
    assert set(errors(response)) == {"commune"}
    assert [area.code for area in response.context["form"].fields["commune"].queryset] == ["120101"]


def test_operators_are_looked_up_by_a_part_of_the_name(browser: Client, commune: Area) -> None:
    operator = an_operator(name_en="Sokha Medical Group")
    an_operator(name_en="Somebody else")
    page = browser.post(reverse("facility-create"), answers(operator_words="medic", look_up="operator"))
    assert list(page.context["form"].fields["operator"].queryset) == [operator]
    browser.post(reverse("facility-create"), answers(operator=str(operator.pk)))
    assert Facility.objects.get().operator == operator


@pytest.mark.parametrize("answer", ["\x00", "1", "99999999999999999999", "x"])
def test_answers_that_the_form_never_offered_are_errors(browser: Client, commune: Area, answer: str) -> None:
    wrong = answers(
        province=answer, district=answer, operator=answer, services=[answer], type=answer, predecessor=answer
    )
    response = browser.post(reverse("facility-create"), wrong)
    assert {"province", "operator", "services", "type", "predecessor"} <= set(errors(response))


def test_a_manager_is_offered_the_own_province_only(browser: Client, commune: Area) -> None:
    another_province()
    response = browser.post(reverse("facility-create"), answers(province="01", district="", commune=""))
    assert "province" in errors(response)


def test_beds_beside_the_range_of_the_type_are_a_warning(browser: Client, commune: Area) -> None:
    a_facility_type(beds_from=10, beds_below=20)
    response = browser.post(reverse("facility-create"), answers(beds="25"), headers=ENGLISH, follow=True)
    assert "A “Clinic” has 10 to 19 beds." in response.content.decode()
    assert Facility.objects.get().beds == 25


def test_an_edit_shows_what_is_there_and_changes_what_was_changed(browser: Client, commune: Area) -> None:
    browser.post(reverse("facility-create"), answers())
    facility = Facility.objects.get()
    address = reverse("facility-edit", args=[facility.number])
    form = browser.get(address).context["form"]
    sent = {name: form[name].value() for name in form.fields if form[name].value() not in (None, "")}
    sent["opened_on"] = "8/3/2023"
    before = Facility.objects.values().get()
    assert browser.post(address, sent).status_code == 302
    assert Facility.objects.values().get() == before

    browser.post(address, sent | {"name_en": "New Clinic", "services": [], "identifiers": ""})
    facility.refresh_from_db()
    assert (facility.name_en, facility.revision) == ("New Clinic", 2)
    assert facility.search_key == search_key("គ្លីនិកសុខ New Clinic")
    assert facility.declared_services.get().withdrawn_on is not None
    assert not facility.identifiers.exists()


def test_two_people_who_edit_at_once_lose_nothing(browser: Client, commune: Area) -> None:
    browser.post(reverse("facility-create"), answers())
    facility = Facility.objects.get()
    address = reverse("facility-edit", args=[facility.number])
    first = answers(revision="1", phone="012 345 678")
    browser.post(address, first)

    second = answers(revision="1", name_en="My Clinic", services=[])
    response = browser.post(address, second, headers=ENGLISH)
    page = response.content.decode()
    assert response.status_code == 409
    assert "Somebody else changed this facility meanwhile" in page
    assert "012 345 678" in page
    assert "My Clinic" in page
    assert response.context["form"]["revision"].value() == "2"
    assert Facility.objects.get().name_en == "Sok Clinic"

    browser.post(address, second | {"revision": "2"})
    assert Facility.objects.get().name_en == "My Clinic"


def test_an_identifier_of_another_facility_is_refused_and_nothing_is_written(browser: Client, commune: Area) -> None:
    FacilityIdentifier.objects.create(facility=a_facility(), system="HMIS", value="120304")
    response = browser.post(reverse("facility-create"), answers(), headers=ENGLISH)
    assert response.status_code == 409
    assert "HMIS 120304 already names another facility." in response.content.decode()
    assert Facility.objects.count() == 1


def test_the_status_page_says_what_happens_and_asks_why(browser: Client) -> None:
    facility = a_facility()
    address = reverse("facility-status", args=[facility.number])
    page = browser.get(address, headers=ENGLISH).content.decode()
    assert facility.number in page
    assert "not due for visits" in page

    response = browser.post(address, {"status": "closed", "effective_on": "8/3/2023", "reason": ""})
    assert set(errors(response)) == {"reason"}
    response = browser.post(address, {"status": "operating", "effective_on": "8/3/2023", "reason": "x"})
    assert set(errors(response)) == {"status"}

    reason = {"status": "closed", "effective_on": "០៨/០៣/២០២៣", "reason": "Moved away"}
    assert browser.post(address, reason).status_code == 302
    facility.refresh_from_db()
    assert facility.operational_status == OperationalStatus.CLOSED
    assert facility.status_changes.filter(effective_on=date(2023, 3, 8), reason="Moved away", status="closed").exists()

    assert browser.post(address, reason | {"status": "operating"}).status_code == 409


@pytest.mark.parametrize(
    "role", [role for role in STAFF_ROLES if role not in (Role.PROVINCIAL_MANAGER, Role.LICENSING_OFFICER)]
)
def test_others_may_look_but_not_change(client: Client, role: Role) -> None:
    facility = a_facility()
    client.force_login(a_user(role))
    assert client.get(reverse("facility-list")).status_code == 200
    assert reverse("facility-create") not in client.get(reverse("facility-list")).content.decode()
    for name, arguments in (
        ("facility-create", []),
        ("facility-edit", [facility.number]),
        ("facility-status", [facility.number]),
        ("operator-create", []),
        ("operator-edit", [an_operator().pk]),
    ):
        assert client.get(reverse(name, args=arguments)).status_code == 403, name


def test_an_operator_is_registered_changed_and_put_under_a_brand(browser: Client) -> None:
    brand = an_operator(name_en="S88")
    said = {"name_km": "", "name_en": "S88 Toul Kork", "kind": "organisation", "parent": brand.pk}
    response = browser.post(reverse("operator-create"), said, follow=True)
    operator = Operator.objects.get(name_en="S88 Toul Kork")
    assert response.redirect_chain == [(reverse("operator-detail", args=[operator.pk]), 302)]
    assert operator in brand.branches.all()

    a_facility(operator=operator)
    rows = browser.get(reverse("operator-list"), {"q": "toul"}).context["rows"]
    assert [(row[0].value, row[-1].value) for row in rows] == [("S88 Toul Kork", 1)]

    address = reverse("operator-edit", args=[operator.pk])
    browser.post(address, said | {"name_en": "S88 Tuol Kouk"})
    operator.refresh_from_db()
    assert (operator.name_en, operator.search_key) == ("S88 Tuol Kouk", "s88 tuol kouk")
    response = browser.post(address, said | {"name_en": "", "name_km": "Latin"})
    assert set(errors(response)) == {"name_km"}
