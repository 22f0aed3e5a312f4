"""A form is mended and loaded in a browser, on a telephone and at a desk."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from inspections.models import ChecklistVersion
from registry.accounts.states import Role
from tests.axe import findings, too_wide
from tests.factories import a_facility_type, a_ruleset, a_user
from tests.inspections.forms_to_send import BEGIN, END, WELL, a_form
from tests.ui.test_screens import site

__all__ = ["site"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("width", [360, 1280])
def test_a_form_is_refused_then_mended_then_a_draft(site, tmp_path, width):
    a_ruleset()
    a_facility_type()
    page = site(reverse("xlsform-import"), width=width, user=a_user(Role.LICENSING_OFFICER))
    page.locator("#id_code").fill("water")
    page.locator("#id_name_km").fill("ទឹក")
    page.locator("#id_ruleset_code").select_option("test")
    wrong = a_form(tmp_path / "wrong.xlsx", BEGIN, WELL, ("calculate", "x"), ("date", "dug", "When?"), END)
    page.locator("#id_file").set_input_files(wrong)
    page.locator("main form button").click()
    expect(page.locator("main table tbody tr")).to_have_count(2)
    assert findings(page) + too_wide(page) == []

    right = a_form(tmp_path / "right.xlsx", BEGIN, WELL, ("decimal", "depth", "How deep?"), END)
    page.locator("#id_file").set_input_files(right)
    page.locator("main form button").click()
    expect(page.locator("main table tbody tr")).to_have_count(1)
    expect(page.locator("input[name=seal]")).to_have_count(1)
    assert findings(page) + too_wide(page) == []
    assert not ChecklistVersion.objects.exists()

    page.locator("main form button").click()
    page.wait_for_url("**/checklists/water/1/")
    assert ChecklistVersion.objects.get().sections.get().items.count() == 2
