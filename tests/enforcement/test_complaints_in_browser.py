"""A complaint on a telephone without script, in both languages, on pages that are light."""

import re

import pytest

from enforcement.models import Complaint
from enforcement.views import complaint_new
from registry.accounts.states import Role
from registry.ui.throttles import StrangerThrottle
from tests.axe import too_wide
from tests.browser import cookies
from tests.factories import a_facility, a_province, a_user
from tests.factories_complaints import in_state
from tests.house.test_weight import KB, Weight
from tests.shipped import collected, shipped

__all__ = ["collected", "shipped"]

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def room_for_tests(monkeypatch, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    for name in ("CHECKS", "SENDS", "TOGETHER", "LOOKS"):
        monkeypatch.setattr(complaint_new, name, StrangerThrottle(f"test-{name}", rate="9999/min"))


@pytest.mark.parametrize("language", ["km", "en"])
def test_the_public_pages_weigh_at_most_60_kb(shipped, browser, language):
    facility = a_facility(name_km="គ្លីនិកសុខ")
    a_province()
    for address in ("new/", f"new/?facility={facility.number}", "new/?place=described", "status/"):
        weight = Weight(browser, f"{shipped}/complaints/{address}", language)
        assert weight.total <= 60 * KB, (address, weight.bytes)


@pytest.mark.parametrize("language", ["km", "en"])
@pytest.mark.django_db(transaction=True)
def test_somebody_complains_on_a_telephone_without_script_and_comes_back(live_server, browser, language):
    a_facility(name_km="គ្លីនិកសុខ", name_en="Sok Clinic")
    context = browser.new_context(viewport={"width": 360, "height": 740}, java_script_enabled=False)
    context.add_cookies(cookies(live_server.url, language))
    page = context.new_page()
    page.goto(f"{live_server.url}/complaints/new/")
    page.fill("main input[name=q]", "សុខ")
    page.click("main form button")
    page.click("main ul a")
    page.check("input[name=kind][value=harm]")
    page.fill("textarea[name=text]", "អ្នកជំងឺបានដួល។")
    page.wait_for_timeout(3_100)
    page.click("button[name=check]")
    assert "អ្នកជំងឺបានដួល។" in page.inner_text("main")
    page.click("button[name=change]")
    assert page.input_value("textarea[name=text]") == "អ្នកជំងឺបានដួល។"
    page.click("button[name=check]")
    page.click("button[name=send]")
    code = re.search(r"(?:[0-9A-Z]{4}-){3}[0-9A-Z]{4}", page.inner_text("main"))[0]
    assert Complaint.objects.get().text == "អ្នកជំងឺបានដួល។"
    page.goto(f"{live_server.url}/complaints/status/")
    page.fill("input[name=code]", code)
    page.click("main form button")
    page.fill("textarea[name=text]", "ម្តងទៀត")
    page.click("main form button")
    assert "ម្តងទៀត" in page.inner_text("main")
    context.close()


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.django_db(transaction=True)
def test_the_page_of_a_complaint_fits_its_screen(live_server, browser, width):
    officer = a_user(Role.ENFORCEMENT_OFFICER)
    complaint = in_state("assigned", by=officer, text="a" * 300, phone="012 345 678")
    context = browser.new_context(viewport={"width": width, "height": 740})
    context.add_cookies(cookies(live_server.url, "km", officer))
    page = context.new_page()
    page.goto(f"{live_server.url}/complaints/{complaint.number}/")
    assert too_wide(page) == []
    context.close()
