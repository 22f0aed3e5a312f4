"""The frame and the components in a real browser."""

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, expect

from tests.axe import findings, too_wide
from tests.factories import a_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.urls("tests.ui.raising_pages")]
PAGES = ("/components/", "/components/?sent=1", "/password/", "/refused/", "/not-permitted/", "/nowhere/", "/broken/")


@pytest.fixture
def site(live_server, page: Page):
    """Opens a page of the site by its path, in a language, as a stranger or as a person."""

    def open_page(path: str, *, language: str = "km", width: int = 1280, user=None) -> Page:
        cookies = {settings.LANGUAGE_COOKIE_NAME: language}
        if user:
            client = Client()
            client.force_login(user)
            cookies[settings.SESSION_COOKIE_NAME] = client.cookies[settings.SESSION_COOKIE_NAME].value
        page.context.add_cookies([{"name": n, "value": v, "url": live_server.url} for n, v in cookies.items()])
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(f"{live_server.url}{path}")
        return page

    return open_page


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("language", ["km", "en"])
def test_axe_finds_nothing_and_nothing_sticks_out(site, language, width):
    found = {}
    page = site("/login/", language=language, width=width)
    found["/login/"] = findings(page) + too_wide(page)
    user = a_user()
    for path in PAGES:
        page = site(path, language=language, width=width, user=user)
        found[path] = findings(page) + too_wide(page)
    assert {path: faults for path, faults in found.items() if faults} == {}


def test_nothing_on_a_page_breaks_the_security_policy(site):
    page = site("/login/")
    refused = []
    page.on("console", lambda message: refused.append(message.text) if message.type == "error" else None)
    site("/components/?sent=1", user=a_user())
    page.wait_for_load_state("networkidle")
    assert refused == []


def test_the_error_summary_takes_the_focus_and_leads_to_the_field(site):
    page = site("/components/?sent=1", language="en", user=a_user())
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    page.get_by_role("link", name="Choose an answer for “Ownership”.").click()
    expect(page.locator("#id_kind_0")).to_be_focused()


def test_changing_the_language_keeps_the_page_and_what_was_typed(site):
    page = site("/components/?sent=1&name=x", language="en", user=a_user())
    main = page.locator("main")
    main.locator("#id_name").nth(-1).fill("មន្ទីរពេទ្យ")
    main.get_by_label("Private").check()
    main.get_by_label("Laboratory").check()
    main.get_by_label("Remarks").fill("Two\nlines")
    page.get_by_role("button", name="ភាសាខ្មែរ").click()
    expect(page.locator("html")).to_have_attribute("lang", "km")
    assert page.url.endswith("/components/?sent=1&name=x")
    assert main.locator("#id_name").nth(-1).input_value() == "មន្ទីរពេទ្យ"
    assert main.locator("#id_kind_1").is_checked()
    assert main.locator("#id_services_1").is_checked()
    assert main.locator("#id_remarks").input_value() == "Two\nlines"
    page.reload()
    assert main.locator("#id_remarks").input_value() == "", "what was typed is carried over once"


def test_what_was_typed_as_a_password_is_not_carried_over(site):
    page = site("/login/", language="en")
    page.get_by_label("User name").fill("sok.dara")
    page.get_by_label("Password").fill("secret")
    page.get_by_role("button", name="ភាសាខ្មែរ").click()
    expect(page.locator("html")).to_have_attribute("lang", "km")
    assert page.locator("#id_username").input_value() == "sok.dara"
    assert page.locator("#id_password").input_value() == ""


def test_khmer_has_its_own_font_and_room_above_and_below_the_line(site):
    page = site("/broken/")
    line = page.locator("p.govuk-body").first
    height, size = line.evaluate(
        "e => [parseFloat(getComputedStyle(e).lineHeight), parseFloat(getComputedStyle(e).fontSize)]"
    )
    assert height / size >= 1.7
    assert page.evaluate(
        "document.fonts.ready.then(f => [...f].some(x => x.family.includes('Khmer') && x.status == 'loaded'))"
    )


def test_the_menu_of_a_phone_folds_and_works_without_script(site, browser, live_server):
    page = site("/components/", width=320, user=a_user(), language="en")
    menu = page.locator("#navigation")
    expect(menu).to_be_hidden()
    page.get_by_role("button", name="Menu").click()
    expect(menu).to_be_visible()
    context = browser.new_context(java_script_enabled=False, viewport={"width": 320, "height": 800})
    context.add_cookies(page.context.cookies())
    plain = context.new_page()
    plain.goto(f"{live_server.url}/components/")
    assert plain.locator("#navigation").is_visible()
    context.close()


def test_a_part_that_fails_is_shown_as_the_page_it_is(site):
    page = site("/components/", language="en", user=a_user())
    page.evaluate("htmx.ajax('GET', '/refused/', '#main')")
    page.wait_for_url("**/refused/")
    expect(page.get_by_role("heading", level=1)).to_have_text("This cannot be done now")
    expect(page.get_by_role("banner")).to_have_count(1)


def test_a_part_sent_by_post_that_fails_is_shown_as_the_page_it_is(site):
    page = site("/components/", language="en", user=a_user())
    page.evaluate("htmx.ajax('POST', '/refused/', '#main')")
    expect(page.get_by_role("heading", level=1)).to_have_text("This cannot be done now")
    expect(page.get_by_role("banner")).to_have_count(1)


def test_a_part_asked_for_after_the_session_ended_leads_to_the_sign_in_page(site):
    page = site("/components/", language="en", user=a_user())
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    page.evaluate("htmx.ajax('GET', '/components/', '#main')")
    page.wait_for_url("**/login/?next=/components/")
