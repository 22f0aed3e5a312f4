"""A manager sends a team, on a phone and in Khmer; the calendar and the map without a mouse."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from inspections.models import Visit
from registry.accounts.states import Role
from registry.models import Interest
from tests.axe import findings, too_wide
from tests.factories import a_checklist_version, a_facility, a_ruleset, a_user, a_visit, an_approved_visit
from tests.ui.test_screens import site

__all__ = ["site"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE = 360


def check(page):
    assert findings(page) + too_wide(page) == [], page.url


def test_a_manager_plans_and_sends_a_team_and_each_states_to_have_no_interest(site):
    a_ruleset()
    version = a_checklist_version()
    facility = a_facility(name_km="គ្លីនិកសុខភាពល្អ", operator=None)
    manager = a_user(Role.PROVINCIAL_MANAGER)
    lead = a_user(Role.INSPECTOR, first_name="ដារ៉ា", last_name="សុខ")
    kept_out = a_user(Role.INSPECTOR, first_name="ធីតា", last_name="ចាន់")
    colleague = a_user(Role.INSPECTOR, first_name="វិចិត្រ", last_name="កែវ")
    Interest.objects.create(person=kept_out, facility=facility, nature="–", declared_on=timezone.localdate())

    page = site(reverse("visit-plan", args=[facility.number]), width=PHONE, user=manager)
    check(page)
    expect(page.locator(f"#id_inspector option[value='{kept_out.pk}']")).to_have_count(0)
    page.locator("#id_inspector").select_option(str(lead.pk))
    page.locator("#id_planned_on").fill(f"{timezone.localdate():%d/%m/%Y}")
    page.locator("main form button").click()
    visit = Visit.objects.get()
    expect(page).to_have_url(page.url.split("/visits/")[0] + reverse("visit-detail", args=[visit.uuid]))

    page.locator("a[href$='/team/']").click()
    check(page)
    expect(page.locator(f"[name=lead][value='{lead.pk}']")).to_be_checked()
    page.locator(f"[name=members][value='{colleague.pk}']").check()
    page.locator("main form details summary").click()
    page.locator("#id_section_S02").select_option(str(colleague.pk))
    check(page)
    page.locator("main form button").click()
    check(page)
    assert dict(visit.members.values_list("person", "sections")) == {lead.pk: [], colleague.pk: ["S02"]}
    assert version.pk == visit.checklist_version_id

    page = site(reverse("visit-detail", args=[visit.uuid]), width=PHONE, user=lead)
    expect(page.locator("form[action$='/start/']")).to_have_count(0)
    page.locator("a[href$='/statement/']").click()
    check(page)
    page.locator("main form button").click()
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    page.locator("[name=answer][value=no]").check()
    page.locator("main form button").click()
    expect(page.locator("form[action$='/start/']")).to_have_count(1)


@pytest.mark.parametrize("width", [PHONE, 1280])
def test_the_calendar_and_the_map_are_read_at_any_width(site, width):
    a_ruleset()
    version, manager, today = a_checklist_version(), a_user(Role.PROVINCIAL_MANAGER), timezone.localdate()
    for number in range(6):
        facility = a_facility(
            name_km=f"គ្លីនិកព្យាបាលជំងឺទូទៅលេខ{number}", latitude=f"11.5{number}", longitude=f"104.9{number}"
        )
        an_approved_visit(facility, visited_on=today - timedelta(400), next_due_on=today + timedelta(number - 2))
        inspector = None if number % 2 else a_user(Role.INSPECTOR)
        a_visit(facility, checklist_version=version, inspector=inspector, planned_on=today)
    page = site(reverse("visit-calendar"), width=width, user=manager)
    check(page)
    expect(page.locator(".calendar__day[aria-current=date] a")).to_have_count(5)
    page.locator("a[rel=next]").click()
    check(page)
    page = site(reverse("visit-map"), width=width, user=manager)
    check(page)
    point = page.locator("svg a[href='#due-2']")
    point.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#due-2")).to_be_in_viewport()
    check(page)
    page = site(reverse("visit-due"), width=width, user=manager)
    check(page)


def test_the_pages_of_training_and_interests_are_read_at_any_width(site):
    a_checklist_version()
    inspector, administrator = a_user(Role.INSPECTOR), a_user(Role.ADMINISTRATOR)
    Interest.objects.create(person=inspector, facility=a_facility(), nature="ប្អូនស្រី", declared_on=timezone.localdate())
    names = ("competence-list", "training-record", "course-list", "course-create", "interest-list", "interest-declare")
    for name in names:
        for width in (PHONE, 1280):
            check(site(reverse(name), width=width, user=administrator))
