"""An inspector's day on a phone, in Khmer, and the approval by somebody else."""

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from inspections.actions import rulebook
from inspections.models import Standing, Visit
from inspections.states import VisitState
from registry.accounts.states import Role
from registry.actions import catalogue
from registry.models import FacilityType
from tests.axe import findings, too_wide
from tests.factories import NOW, a_checklist_version, a_facility, a_ruleset, a_user, a_visit
from tests.ui.test_screens import site

__all__ = ["site"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE = 360


def check(page):
    assert findings(page) + too_wide(page) == [], page.url


def test_a_visit_on_a_phone_in_khmer_from_plan_to_approval(site):
    catalogue.load(by=None, at=NOW)
    rulebook.load(by=None, at=NOW)
    inspector, manager = a_user(Role.INSPECTOR), a_user(Role.PROVINCIAL_MANAGER)
    facility = a_facility(type=FacilityType.objects.get(code="clinic"), name_km="គ្លីនិកសុខភាពល្អ")

    page = site(reverse("visit-plan", args=[facility.number]), width=PHONE, user=inspector)
    check(page)
    page.locator("#id_planned_on").fill(timezone.localdate().strftime("%d/%m/%Y"))
    page.locator("main form button").click()
    visit = Visit.objects.get()
    check(page)

    page.locator(f"a[href$='{visit.uuid}/statement/']").click()
    check(page)
    page.locator("[name=answer][value=no]").check()
    page.locator("main form button").click()
    page.locator(f"form[action$='{visit.uuid}/start/'] button").click()
    expect(page).to_have_url(f"{origin(page)}{reverse('visit-fill', args=[visit.uuid])}")
    expect(page.locator("h1")).to_contain_text("គ្លីនិកសុខភាពល្អ")
    check(page)
    page.locator("[id='S01.01'] .item__note summary").last.click()
    page.locator("[name='n:S01.01']").fill("អាជ្ញាប័ណ្ណ\nចាស់")
    page.locator("[id='a:S01.01:partial']").check()
    for section in page.locator(".fill-part").all():
        if section.get_attribute("open") is None:
            section.locator("summary").first.click()
        for item in section.locator(".item:visible").all():
            if item.locator("input:checked").count() == 0 and item.locator("[value=yes]").count():
                item.locator("[value=yes]").first.check()
        for number in section.locator("[inputmode=decimal]").all():
            number.fill("១២០")
    check(page)
    page.locator(".fill-links a[href$='/submit/']").click()
    expect(page).to_have_url(f"{origin(page)}{reverse('visit-submit', args=[visit.uuid])}")
    check(page)
    page.locator("[name=licence_seen][value=valid]").check()
    page.locator("main form button").click()
    expect(page).to_have_url(f"{origin(page)}{reverse('visit-hand-in', args=[visit.uuid])}")
    check(page)
    for place in ("sign/", f"sign/{inspector.username}/"):
        page.locator(f".signers a[href$='/{place}']").click()
        check(page)
        if page.locator("[name=name]").count():
            page.locator("[name=name]").fill("សុខ ចាន់ថា")
            page.locator("[name=position]").fill("នាយក")
        sign(page)
        page.locator("main form button[type=submit]").click()
        expect(page).to_have_url(f"{origin(page)}{reverse('visit-hand-in', args=[visit.uuid])}")
    check(page)
    page.locator("main form button").click()
    expect(page).not_to_have_url(f"{origin(page)}{reverse('visit-hand-in', args=[visit.uuid])}")
    check(page)
    visit.refresh_from_db()
    assert visit.state == VisitState.SUBMITTED
    assert visit.answers["S07.04"] == {"value": "120"}

    page = site(reverse("visit-approve", args=[visit.uuid]), width=PHONE, user=manager)
    check(page)
    page.locator("main form button").click()
    expect(page).to_have_url(f"{origin(page)}{reverse('visit-detail', args=[visit.uuid])}")
    check(page)
    assert Standing.objects.get(facility=facility).band == "fully_compliant"


@pytest.mark.parametrize("language", ["km", "en"])
def test_axe_finds_nothing_on_the_other_pages(site, language):
    inspector = a_user(Role.INSPECTOR)
    visit = a_visit(state=VisitState.IN_PROGRESS, inspector=inspector)
    version, ruleset = a_checklist_version(), a_ruleset()
    for path in (
        reverse("visit-list"),
        reverse("visit-due"),
        reverse("visit-services", args=[visit.uuid]),
        reverse("visit-submit", args=[visit.uuid]),
        reverse("visit-cancel", args=[visit.uuid]),
        reverse("checklist-list"),
        reverse("checklist-detail", args=[version.checklist.code, 1]),
        reverse("ruleset-detail", args=[ruleset.code, 1]),
    ):
        for width in (320, 1280):
            check(site(path, language=language, width=width, user=inspector))


def sign(page):
    page.locator("canvas").scroll_into_view_if_needed()
    box = page.locator("canvas").bounding_box()
    page.mouse.move(box["x"] + 30, box["y"] + 80)
    page.mouse.down()
    for step in range(30):
        page.mouse.move(box["x"] + 30 + 8 * step, box["y"] + 80 + (40 if step % 2 else -30))
    page.mouse.up()


def origin(page):
    return page.evaluate("location.origin")
