"""The dossier: one facility as all floors know it."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from enforcement.sweeps import sweep
from inspections.states import VisitState
from registry.accounts.states import Role
from registry.audit.actions import record
from registry.core.khmer import khmer_digits
from registry.models import FacilityIdentifier, FacilityService
from tests.factories import (
    NOW,
    TODAY,
    a_facility,
    a_facility_type,
    a_licence,
    a_province,
    a_service,
    a_user,
    a_visit,
    an_approved_visit,
    another_province,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("on_that_day")]
DAY = timedelta(days=1)
# session, person, facility, visits, licences, authorisations, flags, services, identifiers, status changes, people,
# equipment, events, complaints
QUERIES = 15


@pytest.fixture
def on_that_day(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def facility():
    facility = a_facility(name_en="Kesararom Clinic", name_km="គ្លីនិក កេសរារាម", latitude="11.55", longitude="104.91")
    an_approved_visit(facility, visited_on=TODAY - 700 * DAY, next_due_on=TODAY - DAY, score=81.5)
    a_licence(facility, valid_from=TODAY - 400 * DAY, valid_until=TODAY - 35 * DAY, number="7/25")
    FacilityService.objects.create(facility=facility, service=a_service(), declared_on=TODAY)
    FacilityIdentifier.objects.create(facility=facility, system="NSSF", value="N-0042")
    record(verb="licence.approved", subject=facility.licences.get(), by=a_user(Role.APPROVER), at=NOW)
    sweep(as_of=TODAY, started_by="test")
    return facility


def address(facility) -> str:
    return reverse("facility-detail", args=[facility.number])


def test_the_dossier_tells_what_every_floor_knows(client, facility):
    client.force_login(a_user(Role.AUDITOR))
    client.cookies["django_language"] = "en"
    page = client.get(address(facility)).content.decode()
    for told in (
        "Kesararom Clinic",
        "គ្លីនិក កេសរារាម",
        "81.5",
        "7/25",
        "Surgery",
        "N-0042",
        "Licence approved",
        "map-point",
        "Inspection overdue",
        "Next visit was due on",
        "Licence expired",
    ):
        assert told in page, told


def test_the_timeline_is_newest_first_and_holds_days_and_moments(client, facility):
    client.force_login(a_user(Role.AUDITOR))
    moments = client.get(address(facility)).context["timeline"]
    orders = [moment.order for moment in moments]
    assert orders == sorted(orders, reverse=True)
    assert {type(moment.at) for moment in moments} > {date}


@pytest.mark.parametrize("typed", [str.lower, khmer_digits, lambda number: f"{number[:5]} {number[5:]}"])
def test_a_number_typed_otherwise_leads_to_the_canonical_address(client, facility, typed):
    client.force_login(a_user(Role.AUDITOR))
    response = client.get(reverse("facility-detail", args=[typed(facility.number)]))
    assert (response.status_code, response["Location"]) == (301, address(facility))


def test_a_facility_of_another_province_is_not_there(client):
    elsewhere = a_facility(province=another_province())
    client.force_login(a_user(Role.INSPECTOR, province=a_province()))
    assert client.get(address(elsewhere)).status_code == 404
    assert client.get(reverse("search"), {"q": elsewhere.number}).status_code == 200


@pytest.mark.parametrize(
    ("role", "names"),
    [
        (Role.INSPECTOR, {"visit-plan"}),
        (Role.PROVINCIAL_MANAGER, {"facility-edit", "facility-status", "visit-plan"}),
        (Role.LICENSING_OFFICER, {"facility-edit", "facility-status", "licence-record", "authorisation-record"}),
        (Role.APPROVER, set()),
        (Role.ENFORCEMENT_OFFICER, set()),
        (Role.AUDITOR, set()),
        (Role.ADMINISTRATOR, set()),
    ],
)
def test_each_role_finds_the_buttons_of_what_it_may_do(client, facility, role, names):
    client.force_login(a_user(role))
    buttons = client.get(address(facility)).context["buttons"]
    assert {href for href, _text, _kind in buttons} == {reverse(name, args=[facility.number]) for name in names}


def test_nobody_is_offered_what_cannot_be_done(client):
    public = a_facility(type=a_facility_type("health_post", licence_needed=False))
    a_visit(public, state=VisitState.IN_PROGRESS)
    client.force_login(a_user(Role.PROVINCIAL_MANAGER))
    hrefs = [href for href, _text, _kind in client.get(address(public)).context["buttons"]]
    assert reverse("visit-plan", args=[public.number]) not in hrefs
    client.force_login(a_user(Role.LICENSING_OFFICER))
    hrefs = [href for href, _text, _kind in client.get(address(public)).context["buttons"]]
    assert reverse("licence-record", args=[public.number]) not in hrefs


@pytest.mark.parametrize("many", [1, 5])
def test_the_dossier_costs_the_same_however_much_is_known(client, facility, many, django_assert_num_queries):
    for number in range(many):
        an_approved_visit(facility, visited_on=TODAY - (1000 + number) * DAY, next_due_on=TODAY)
        a_licence(facility, valid_from=date(2010 + number, 1, 1), valid_until=date(2010 + number, 12, 31))
        FacilityIdentifier.objects.create(facility=facility, system="DHIS2", value=str(number))
    client.force_login(a_user(Role.AUDITOR))
    with django_assert_num_queries(QUERIES):
        client.get(address(facility))


def test_a_site_that_moved_or_changed_hands_keeps_its_history_in_sight(client, facility, django_assert_max_num_queries):
    elsewhere = a_facility(name_en="Kesararom Two", predecessor=facility, province=another_province())
    heir = a_facility(name_en="New Hope", predecessor=elsewhere, province=another_province())
    client.force_login(a_user(Role.PROVINCIAL_MANAGER, province=another_province()))
    client.cookies["django_language"] = "en"
    with django_assert_max_num_queries(QUERIES + 4):
        page = client.get(address(heir)).content.decode()
    before = page.partition("before it moved or changed hands")[2]
    assert before.index("Kesararom Two") < before.index("Kesararom Clinic") < before.index("7/25 (Expired)")
    assert "22 December 2024" in before
    assert "before it moved" not in client.get(address(facility)).content.decode()
