"""A list in a real browser: with script it swaps its result alone, and every address can be shared."""

import pytest
from playwright.sync_api import expect

from registry.accounts.states import Role
from tests.axe import findings, too_wide
from tests.factories import a_user
from tests.ui.test_lists import events
from tests.ui.test_screens import site

__all__ = ["site"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def auditor():
    events(120, by_username="sok")
    events(3, by_username="sao", verb="visit.approved")
    return a_user(Role.AUDITOR)


def test_filters_sorting_and_pages_swap_the_result_and_keep_the_page(site, auditor):
    page = site("/history/", language="en", user=auditor)
    page.evaluate("document.body.dataset.kept = 'yes'")
    page.locator("summary").click()
    page.get_by_label("User name").fill("sok")
    page.get_by_role("button", name="Apply filters").click()
    expect(page.locator("#list-total")).to_have_text("120 entries")
    expect(page).to_have_url(f"{origin(page)}/history/?by=sok")

    page.get_by_role("link", name="When").click()
    expect(page.locator("th[aria-sort=ascending]")).to_have_count(1)
    page.get_by_role("link", name="Next page").click()
    expect(page.get_by_role("row", name="Licence 50")).to_be_visible()
    assert "by=sok" in page.url and "sort=at" in page.url

    page.get_by_label("User name").fill("sao")
    page.locator("#list-filters").evaluate("form => form.requestSubmit()")  # the button takes one click a second
    expect(page.locator("#list-total")).to_have_text("3 entries")
    assert "sort=at" in page.url and "cursor" not in page.url
    assert page.evaluate("document.body.dataset.kept") == "yes"

    page.go_back()
    expect(page.get_by_role("row", name="Licence 50")).to_be_visible()
    page.get_by_role("link", name="Clear filters").click()
    expect(page.locator("#list-total")).to_have_text("123 entries")
    expect(page.get_by_label("User name")).to_have_value("")


def test_nothing_of_a_list_stays_in_the_browser_for_the_next_person(site, auditor):
    page = site("/history/", language="en", user=auditor)
    page.get_by_role("link", name="When").click()
    expect(page.locator("th[aria-sort]")).to_have_attribute("aria-sort", "ascending")
    stored = "JSON.stringify([{...localStorage}, {...sessionStorage}])"
    assert "Licence" not in page.evaluate(stored)


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("path", ["/history/", "/history/?by=sok&sort=at", "/history/?by=x", "/people/"])
def test_axe_finds_nothing_on_a_list_and_nothing_sticks_out(site, auditor, path, width):
    page = site(path, width=width, user=auditor)
    assert findings(page) + too_wide(page) == []


def origin(page):
    return page.evaluate("location.origin")
