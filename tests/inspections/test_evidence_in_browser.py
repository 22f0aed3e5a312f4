"""A facility on a phone, in Khmer, without an account."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from playwright.sync_api import expect

from inspections.models import ActionEvidence
from tests.axe import findings, too_wide
from tests.factories import TODAY, a_corrective_action, a_facility, a_finding
from tests.pictures import a_picture
from tests.ui.test_screens import site

__all__ = ["site"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_facility_shows_on_a_phone_that_it_is_put_right(site):
    cache.clear()
    facility = a_facility()
    finding = a_finding(facility, text="គ្មានសាប៊ូនៅអាងលាងដៃពីរក្នុងចំណោមប្រាំ")
    action = a_corrective_action(facility, finding=finding, due_on=TODAY + timedelta(days=900))
    page = site(f"/evidence/{action.uuid}/", width=360)
    expect(page.locator("main")).to_contain_text("គ្មានសាប៊ូ")
    assert findings(page) + too_wide(page) == []
    page.locator("main form button").click()
    expect(page.locator(".govuk-error-summary")).to_be_visible()
    page.locator("#id_text").fill("យើងបានដាក់សាប៊ូហើយ")
    page.locator("#id_name").fill("សុខ ដារ៉ា")
    page.locator("#id_upload").set_input_files({"name": "សាប៊ូ.jpg", "mimeType": "image/jpeg", "buffer": a_picture()})
    assert findings(page) + too_wide(page) == []
    page.locator("main form button").click()
    expect(page.locator(".govuk-notification-banner--success")).to_be_visible()
    assert findings(page) + too_wide(page) == []
    evidence = ActionEvidence.objects.get()
    assert (evidence.given_by_name, evidence.entered_by) == ("សុខ ដារ៉ា", None)
    assert evidence.file is not None and evidence.file.name == "សាប៊ូ.jpg"
