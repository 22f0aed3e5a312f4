"""A directive from the ministry's letter to planned visits, on a phone in Khmer."""

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from inspections.models import Campaign, Visit
from registry.accounts.states import Role
from tests.axe import findings, too_wide
from tests.factories import a_checklist_version, a_facility, a_ruleset, a_user
from tests.ui.test_screens import site

__all__ = ["site"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE = 360


def test_a_campaign_on_a_phone_in_khmer_from_letter_to_planned_visits(site):
    a_ruleset()
    a_checklist_version()
    facility = a_facility(name_km="គ្លីនិកសុខភាពល្អ")
    approver, manager = a_user(Role.APPROVER), a_user(Role.PROVINCIAL_MANAGER)
    today = timezone.localdate()

    def follow(name, user):
        page = site(reverse(f"campaign-{name}", args=["cosmetic-1"]), width=PHONE, user=user)
        assert findings(page) + too_wide(page) == [], page.url
        return page

    page = site(reverse("campaign-create"), width=PHONE, user=approver)
    typed = {
        "code": "Cosmetic-១",
        "name_km": "យុទ្ធនាការ",
        "name_en": "Cosmetic services",
        "letter_number": "០៨១ អបស",
        "letter_on": "៨/៣/២០២៣",
        "text": "ត្រូវចុះអធិការកិច្ច",
        "begins_on": today.strftime("%d/%m/%Y"),
        "deadline": f"31/12/{today.year + 1}",
    }
    for name, value in typed.items():
        page.locator(f"main [name={name}]").fill(value)
    page.locator("main [name=checklist]").select_option(index=1)
    page.locator("main form button").click()
    expect(page.locator("h1")).to_have_text("យុទ្ធនាការ")
    assert Campaign.objects.get().code == "cosmetic-1"

    follow("launch", approver).locator("main form button").click()
    expect(page.locator("main .govuk-tag, main .moj-badge").first).to_be_visible()
    follow("acknowledge", manager).locator("main form button").click()
    page = follow("plan", manager)
    page.locator("main [name=planned_on]").fill(today.strftime("%d/%m/%Y"))
    page.locator("main [name=facilities]").check()
    page.locator("main form button").click()
    expect(page.locator("h1")).to_have_text("យុទ្ធនាការ")
    visit = Visit.objects.get()
    assert (visit.facility, visit.planned_on, visit.campaign.state) == (facility, today, "running")
    follow("detail", manager)
    follow("targets", manager)
