"""A visit on a phone in Khmer: every answer is kept by itself, whatever the network does."""

import re
from datetime import date

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from inspections.actions import visits
from inspections.models import Finding, VisitMember
from inspections.states import VisitState
from registry.accounts.states import Role
from tests.axe import findings, too_wide
from tests.factories import NOW, a_checklist_version, a_facility, a_user, a_visit, an_approved_visit
from tests.ui.test_screens import site

__all__ = ["site"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE = 360


@pytest.fixture
def inspector(db):
    return a_user(Role.INSPECTOR)


@pytest.fixture
def visit(inspector):
    facility = a_facility(name_km="គ្លីនិកសុខភាពល្អ", latitude="11.556400", longitude="104.928200")
    version = a_checklist_version(items=4, facility_type=facility.type)
    return a_visit(
        facility, state=VisitState.IN_PROGRESS, inspector=inspector, checklist_version=version, services=["surgery"]
    )


def opened(site, visit, **options):
    return site(reverse("visit-fill", args=[visit.uuid]), width=PHONE, user=visit.inspector, **options)


def answer(page, key, value):
    page.locator(f"[id='a:{key}:{value}']").check()


def is_kept(page):
    """The page says that all is saved, and keeps nothing on the device any more."""
    expect(page.locator("[data-state]")).to_contain_text(re.compile(r"\d\d:\d\d"))
    page.wait_for_function("() => Object.keys(localStorage).filter(name => name.startsWith('visit/')).length === 0")


def answers_of(visit):
    visit.refresh_from_db()
    return visit.answers


def test_answers_are_kept_by_themselves_with_the_live_score(site, visit):
    page = opened(site, visit)
    answer(page, "S01.01", "yes")
    answer(page, "S01.02", "no")
    page.locator("[name='s:S01.02']").select_option("4")
    page.locator("[name='c:S01.02']").check()
    expect(page.locator("[id='S01.02'] [data-letter]")).to_contain_text("J")
    page.locator("[id='S01.02'] .item__note summary").click()
    page.locator("[name='n:S01.02']").fill("កណ្តុរ")
    is_kept(page)
    expect(page.locator("[data-progress]")).to_contain_text("2")
    expect(page.locator("[data-result]")).to_contain_text("50")
    assert findings(page) + too_wide(page) == []
    assert answers_of(visit) == {
        "S01.01": {"answer": "yes"},
        "S01.02": {"answer": "no", "severity": "4", "corrected": "yes", "note": "កណ្តុរ"},
    }
    page.reload()
    expect(page.locator("[name='s:S01.02']")).to_have_value("4")
    page.locator("[data-next]").click()
    expect(page.locator("[id='a:S01.03:yes']")).to_be_focused()


def test_without_a_network_nothing_is_lost_not_even_by_a_reload(site, visit):
    page = opened(site, visit)
    answer(page, "S01.01", "yes")
    is_kept(page)
    page.context.set_offline(True)
    answer(page, "S01.02", "partial")
    answer(page, "S01.03", "no")
    expect(page.locator("[data-state]")).to_contain_text("2")
    assert set(answers_of(visit)) == {"S01.01"}
    context = page.context
    page.close(run_before_unload=False)
    context.set_offline(False)
    again = context.new_page()
    again.set_viewport_size({"width": PHONE, "height": 800})
    again.goto(page.url)
    expect(again.locator("[id='a:S01.03:no']")).to_be_checked()
    is_kept(again)
    assert answers_of(visit) == {
        "S01.01": {"answer": "yes"},
        "S01.02": {"answer": "partial"},
        "S01.03": {"answer": "no"},
    }


def test_a_network_that_answers_for_the_registry_is_not_believed(site, visit):
    page = opened(site, visit)
    page.route("**/answers/", lambda route: route.fulfill(status=200, body="<h1>Log in to the hotel</h1>"))
    answer(page, "S01.01", "yes")
    expect(page.locator("[data-state]")).to_contain_text("1")
    assert page.evaluate("() => Object.keys(localStorage).length") == 1
    page.unroute("**/answers/")
    is_kept(page)
    assert answers_of(visit) == {"S01.01": {"answer": "yes"}}


def test_a_confirmation_lost_on_the_way_is_no_conflict_with_oneself(site, visit):
    page = opened(site, visit)

    def lose(route):
        route.fetch()
        route.abort()

    page.route("**/answers/", lose, times=1)
    answer(page, "S01.01", "yes")
    page.wait_for_timeout(1500)
    assert answers_of(visit) == {"S01.01": {"answer": "yes"}}
    answer(page, "S01.01", "no")
    is_kept(page)
    assert answers_of(visit) == {"S01.01": {"answer": "no"}}
    expect(page.locator(".item__remark")).to_have_count(0)


def test_leaving_with_answers_that_are_not_saved_warns(site, visit):
    page = opened(site, visit)
    page.context.set_offline(True)
    answer(page, "S01.01", "yes")
    expect(page.locator("[data-state]")).to_contain_text("1")
    asked = []
    page.once("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.close(run_before_unload=True)
    page.wait_for_timeout(500)
    assert asked == ["beforeunload"]
    page.context.set_offline(False)


@pytest.mark.parametrize("mine", [True, False])
def test_an_item_answered_twice_shows_both_and_lets_choose(site, visit, mine):
    page = opened(site, visit)
    visits.save_draft(visit=visit, answers={"S01.01": {"answer": "no"}}, revision=1, by=visit.inspector, at=NOW)
    answer(page, "S01.02", "yes")
    is_kept(page)
    expect(page.locator("[id='a:S01.01:no']")).to_be_checked()  # heard of it, and shows it
    visit.refresh_from_db()
    visits.save_draft(
        visit=visit, answers={"S01.03": {"answer": "no"}}, revision=visit.revision, by=visit.inspector, at=NOW
    )
    answer(page, "S01.03", "yes")
    remark = page.locator("[id='S01.03'] .item__remark")
    expect(remark).to_contain_text("ទេ")
    assert findings(page) + too_wide(page) == []
    remark.locator("button").nth(0 if mine else 1).click()
    expect(remark).to_have_count(0)
    is_kept(page)
    assert answers_of(visit)["S01.03"] == {"answer": "yes" if mine else "no"}


def test_an_answer_that_is_refused_is_said_at_its_item_and_keeps_no_other_back(site, visit):
    page = opened(site, visit)
    page.context.set_offline(True)
    answer(page, "S01.01", "yes")
    page.locator("[id='S02'] > summary").click()
    answer(page, "S02.01", "no")
    colleague = a_user(Role.INSPECTOR)
    VisitMember.objects.create(visit=visit, person=visit.inspector, stated_at=NOW)
    VisitMember.objects.create(visit=visit, person=colleague, sections=["S02"], stated_at=NOW)
    page.context.set_offline(False)
    remark = page.locator("[id='S02.01'] .item__remark")
    expect(remark).to_contain_text(str(colleague))
    assert answers_of(visit) == {"S01.01": {"answer": "yes"}}
    remark.locator("button").click()
    expect(page.locator("[id='a:S02.01:no']")).not_to_be_checked()
    page.reload()
    page.locator("[id='S02'] > summary").click()
    expect(page.locator("[id='a:S02.01:no']")).to_be_disabled()
    assert findings(page) + too_wide(page) == []


def test_findings_of_earlier_visits_come_first(site, visit):
    earlier = an_approved_visit(visit.facility, visited_on=date(2025, 11, 3), next_due_on=date(2026, 11, 3))
    finding = Finding.objects.create(
        visit=earlier, facility=visit.facility, clause="§ 9", text="ថ្នាំផុតកំណត់", severity=2, grid="D", recorded_at=NOW
    )
    visit.carried = {str(finding.pk): {}}
    visit.save()
    page = opened(site, visit)
    answer(page, f"finding:{finding.pk}", "no")
    page.locator(".fill-part[open] .item__note summary").click()
    page.locator(f"[name='n:finding:{finding.pk}']").fill("នៅដដែល")
    is_kept(page)
    assert findings(page) + too_wide(page) == []
    visit.refresh_from_db()
    assert visit.carried == {str(finding.pk): {"mended": "no", "note": "នៅដដែល"}}


def test_the_device_says_how_far_it_is_from_the_registered_point(site, visit, page):
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"latitude": 11.5574, "longitude": 104.9282, "accuracy": 15})
    page = opened(site, visit, language="en")
    answer(page, "S01.01", "yes")
    page.get_by_role("button", name="I am here").click()
    expect(page.locator("#arrival")).to_contain_text("111 m from the registered point, accuracy 15 m.")
    assert answers_of(visit) == {"S01.01": {"answer": "yes"}}


def test_a_device_that_says_nothing_is_recorded_as_such(site, visit):
    page = opened(site, visit, language="en")
    page.get_by_role("button", name="I am here").click()
    expect(page.locator("#arrival")).to_contain_text("The place is unknown.")


def test_without_script_sections_are_saved_by_their_buttons(site, visit, browser, live_server):
    page = opened(site, visit)
    context = browser.new_context(java_script_enabled=False, storage_state=page.context.storage_state())
    bare = context.new_page()
    bare.set_viewport_size({"width": PHONE, "height": 800})
    bare.goto(page.url)
    bare.locator("[id='a:S01.01:no']").check()
    bare.locator("#S01 button[name=go][value=S02]").click()
    assert bare.url.endswith("/fill/S02/#S02")
    expect(bare.locator("#S02 > form")).to_be_visible()
    assert answers_of(visit) == {"S01.01": {"answer": "no"}}
    bare.locator("#S01 > summary").click()
    bare.locator("[name='s:S01.01']").select_option("3")
    bare.locator("#S01 button[name=go][value='']").click()
    assert answers_of(visit) == {"S01.01": {"answer": "no", "severity": "3"}}
    context.close()
