"""The pages of facilities in a real browser, in both languages."""

import pytest
from playwright.sync_api import expect

from registry.accounts.states import Role
from registry.actions import catalogue
from registry.areas.models import Area
from registry.areas.states import AreaLevel
from registry.models import Facility
from tests.axe import findings, too_wide
from tests.factories import NOW, a_facility, a_facility_type, a_province, a_user, an_operator
from tests.registry.test_facility_pages import an_area
from tests.ui.test_screens import site

__all__ = ["site"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def commune() -> Area:
    catalogue.load(by=None, at=NOW)
    district = an_area(a_province(), "1201", AreaLevel.DISTRICT, "Chamkar Mon")
    return an_area(district, "120101", AreaLevel.COMMUNE, "Tonle Basak")


def test_places_within_appear_as_soon_as_a_place_is_chosen(site, commune):
    an_operator(name_en="Sokha Medical Group")
    page = site("/facilities/register/", language="en", user=a_user(Role.LICENSING_OFFICER))
    page.get_by_label("Name in Latin letters").fill("Sok Clinic")
    page.get_by_label("Type").select_option("clinic")
    page.get_by_label("Ownership").select_option("private")
    page.get_by_label("Province").select_option("12")
    page.get_by_label("District", exact=True).select_option("1201")
    page.get_by_label("Commune").select_option("120101")
    page.get_by_label("Find the operator").fill("medical")
    page.get_by_label("Find the operator").press("Tab")
    expect(page.get_by_label("Operator", exact=False).locator("option")).to_have_count(2)
    page.get_by_label("Name in Latin letters").press("Enter")
    expect(page.get_by_text("is registered.")).to_be_visible()
    facility = Facility.objects.get()
    assert (facility.area, facility.name_en) == (commune, "Sok Clinic")


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("language", ["km", "en"])
def test_axe_finds_nothing_on_the_pages_of_facilities_and_nothing_sticks_out(site, commune, language, width):
    facility = a_facility(name_km="មន្ទីរពេទ្យបង្អែកខេត្តបន្ទាយមានជ័យ", type=a_facility_type(), operator=an_operator())
    officer = a_user(Role.LICENSING_OFFICER)
    found = {}
    for path in (
        "/facilities/",
        "/facilities/?q=សុខ",
        f"/facilities/?q={facility.number[:-1]}x",
        "/facilities/register/",
        f"/facilities/{facility.number}/edit/",
        f"/facilities/{facility.number}/status/",
        "/operators/",
        "/operators/register/",
        f"/operators/{facility.operator_id}/",
        "/catalogue/facility-types/",
    ):
        page = site(path, language=language, width=width, user=officer)
        found[path] = findings(page) + too_wide(page)
    page = site("/facilities/register/", language=language, width=width, user=officer)
    with page.expect_navigation():
        page.locator("main form button").last.click()
    expect(page.locator(".govuk-error-summary")).to_be_visible()
    found["with errors"] = findings(page) + too_wide(page)
    assert {path: faults for path, faults in found.items() if faults} == {}
