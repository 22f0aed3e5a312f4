"""Somebody of an operator on a phone, in Khmer: from the account to the answer of a question."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from licensing.actions.applications import queries, reviewing
from licensing.models import Application, Fee
from licensing.states import ApplicationKind, ApplicationState
from registry.accounts.states import Role
from registry.actions import representatives
from tests.axe import findings, too_wide
from tests.factories import a_service, a_user, an_operator
from tests.factories_applying import SITE, licensable
from tests.pictures import a_picture
from tests.ui.test_screens import site

__all__ = ["site"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
HOSTILE = {"name": "../../ប្លង់.jpg", "mimeType": "image/jpeg", "buffer": b"<html><script>alert(1)</script></html>"}
PHOTO = {"name": "ប្លង់.jpg", "mimeType": "image/jpeg", "buffer": a_picture()}


def go_on(page: Page) -> None:
    assert findings(page) + too_wide(page) == []
    page.locator("main form:has(.govuk-button) .govuk-button:not(.govuk-button--secondary)").last.click()


def test_an_operator_applies_on_a_phone_and_answers_a_question(site):
    terms = licensable()
    Fee.objects.create(terms=terms, kind=ApplicationKind.NEW, amount_khr=400_000)
    a_service("dialysis", name_km="លាងឈាម", name_en="Dialysis")
    operator, officer = an_operator(name_km="សុខ ដារ៉ា"), a_user(Role.LICENSING_OFFICER)
    names = {"username": "sok.dara", "first_name": "ដារ៉ា", "last_name": "សុខ"}
    made, password = representatives.open_account(operator=operator, **names, by=officer, at=timezone.now())

    page = site("/login/", width=360)
    page.locator("#id_username").fill("sok.dara")
    page.locator("#id_password").fill(password)
    go_on(page)
    page.locator("main a.govuk-button").first.click()

    page.locator("input[name=kind][value=new]").check()
    go_on(page)
    page.locator("main input[name=facility]").first.check()
    go_on(page)
    expect(page).to_have_url(re.compile("/tasks/$"))
    assert findings(page) + too_wide(page) == []

    page.locator(".govuk-task-list__link").nth(0).click()
    page.locator("#id_name_km").fill(SITE["name_km"])
    page.locator("#id_facility_type").select_option("clinic")
    page.locator("#id_ownership").select_option("private")
    page.locator("#id_province").select_option("12")
    page.locator("#id_address").fill("ផ្លូវ ៦៣")
    page.locator("#id_phone").fill("០១២ ៣៤៥ ៦៧៨")
    page.locator("#id_beds").fill("ច្រើន")
    go_on(page)
    expect(page.locator(".govuk-error-summary")).to_be_visible()
    expect(page.locator("#id_address")).to_have_value("ផ្លូវ ៦៣")
    page.locator("#id_beds").fill("១២")
    go_on(page)

    page.locator(".govuk-task-list__link").nth(2).click()
    assert findings(page) + too_wide(page) == []
    page.locator(".panel a").first.click()
    page.locator("#id_upload").set_input_files(HOSTILE)
    go_on(page)
    expect(page.locator(".govuk-error-summary")).to_be_visible()
    page.locator("#id_upload").set_input_files(PHOTO)
    go_on(page)
    expect(page.locator(".panel")).to_contain_text("ប្លង់.jpg")
    page.locator("main > a.govuk-button, main .govuk-button").last.click()

    page.locator("main a.govuk-button").last.click()
    expect(page).to_have_url(re.compile("/check/$"))
    page.locator("#id_agreed").check()
    go_on(page)
    expect(page).to_have_url(re.compile("/handed-in/$"))
    assert findings(page) + too_wide(page) == []
    application = Application.objects.get()
    expect(page.locator("main")).to_contain_text(application.number)
    assert application.state == ApplicationState.SUBMITTED and application.created_by == made.person
    assert application.proposal["beds"] == "12" and application.proposal["phone"] == "012 345 678"

    application = reviewing.take_up(application=application, by=officer, at=timezone.now())
    queries.ask(application=application, text="តើទ្វារនៅឯណា?", by=officer, at=timezone.now())
    page.goto(page.url.split("/applications/")[0])
    page.locator(".tile--danger a").click()
    page.locator("main tbody a").first.click()
    expect(page.locator("main")).to_contain_text("តើទ្វារនៅឯណា?")
    assert findings(page) + too_wide(page) == []
    page.locator("main a.govuk-button").first.click()
    page.locator("#id_text").fill("នៅខាងជើង។")
    go_on(page)
    expect(page.locator(".govuk-notification-banner--success")).to_be_visible()
    application.refresh_from_db()
    assert application.state == ApplicationState.UNDER_REVIEW
    assert application.queries.get().answer == "នៅខាងជើង។"
