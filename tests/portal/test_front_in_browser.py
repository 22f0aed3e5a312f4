"""The pages of the front door and of the licences, as a browser shows them."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from enforcement.sweeps import sweep
from inspections.states import BandCode
from licensing.states import LicenceState
from registry.accounts.states import Role
from registry.models import FacilityIdentifier, FacilityService
from tests.axe import findings, too_wide
from tests.factories import (
    a_facility,
    a_facility_type,
    a_licence,
    a_licence_type,
    a_service,
    a_user,
    a_visit,
    an_approved_visit,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LONG_NAME = "មន្ទីរពហុព្យាបាលនិងសម្ភពកេសរារាមអន្តរជាតិនៃព្រះរាជាណាចក្រកម្ពុជា"


@pytest.fixture
def facility():
    """One that everything is known of, with a long name that has no place to break."""
    today, day = timezone.localdate(), timedelta(days=1)
    a_licence_type().facility_types.add(a_facility_type())
    facility = a_facility(name_km=LONG_NAME, name_en="Kesararom", latitude="11.55", longitude="104.91", phone="012 345")
    an_approved_visit(
        facility,
        visited_on=today - 400 * day,
        next_due_on=today - day,
        band=BandCode.SUBSTANTIALLY_COMPLIANT,
    )
    a_visit(facility)
    a_licence(facility, valid_from=today - 400 * day, valid_until=today - 35 * day, number="12/25")
    a_licence(facility, valid_from=today, valid_until=today + day, number="13/26", state=LicenceState.RECORDED)
    FacilityService.objects.create(facility=facility, service=a_service(), declared_on=today)
    FacilityIdentifier.objects.create(facility=facility, system="NSSF", value="N-0042")
    sweep(as_of=today, started_by="test")
    return facility


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("language", ["km", "en"])
def test_axe_finds_nothing_and_nothing_sticks_out(live_server, page, facility, language, width):
    page.set_viewport_size({"width": width, "height": 800})
    pages = [(role, reverse("home")) for role in Role.values]
    pages += [
        (Role.PROVINCIAL_MANAGER, reverse("facility-detail", args=[facility.number])),
        (Role.PROVINCIAL_MANAGER, reverse("search") + "?q=kesararom"),
        (Role.PROVINCIAL_MANAGER, reverse("search") + "?q=KH000000199"),
        (Role.AUDITOR, reverse("licence-list") + "?state=recorded"),
        (Role.LICENSING_OFFICER, reverse("licence-record", args=[facility.number])),
        (Role.APPROVER, reverse("licence-detail", args=["13/26"])),
        (Role.APPROVER, reverse("licence-approve", args=["13/26"])),
        (Role.APPROVER, reverse("licence-revoke", args=["12/25"])),
    ]
    people = {role: session_of(role) for role in Role.values}
    found = {}
    for role, path in pages:
        cookies = {settings.LANGUAGE_COOKIE_NAME: language, settings.SESSION_COOKIE_NAME: people[role]}
        page.context.add_cookies([{"name": n, "value": v, "url": live_server.url} for n, v in cookies.items()])
        assert page.goto(f"{live_server.url}{path}").status == 200, path
        found[role, path] = findings(page) + too_wide(page)
    assert {path: faults for path, faults in found.items() if faults} == {}


def test_a_number_typed_into_the_header_opens_the_dossier(live_server, page, facility):
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session_of(Role.AUDITOR), "url": live_server.url}
    page.context.add_cookies([cookie])
    page.goto(live_server.url)
    page.locator("#search-box").fill(facility.number.lower())
    page.locator("#search-box").press("Enter")
    page.wait_for_url(f"**{reverse('facility-detail', args=[facility.number])}")


def session_of(role: str) -> str:
    client = Client()
    client.force_login(a_user(role))
    return client.cookies[settings.SESSION_COOKIE_NAME].value
