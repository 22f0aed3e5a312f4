"""The checklist studio on a phone, in Khmer: written from nothing, published, written again, compared."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from inspections.actions import checklists
from inspections.models import ChecklistItem, ChecklistVersion
from registry.accounts.states import Role
from tests.axe import findings, too_wide
from tests.factories import NOW, a_checklist_version, a_facility_type, a_ruleset, a_service, a_user
from tests.ui.test_screens import site

__all__ = ["site"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE = 360


def check(page):
    assert findings(page) + too_wide(page) == [], page.url


def test_a_checklist_is_written_on_a_phone_in_khmer_and_published(site):
    a_ruleset()
    a_facility_type()
    a_service()
    page = site(reverse("checklist-create"), width=PHONE, user=a_user(Role.ADMINISTRATOR))
    check(page)
    page.locator("#id_code").fill("clinics-១")
    page.locator("#id_name_km").fill("បញ្ជីត្រួតពិនិត្យគ្លីនិក")
    page.locator("#id_name_en").fill("Clinics")
    page.locator("[name=facility_types]").check()
    page.locator("main form button[type=submit]").click()
    expect(page.locator("h1")).to_have_text("បញ្ជីត្រួតពិនិត្យគ្លីនិក")
    check(page)

    page.locator("a[href$='/sections/new/']").click()
    page.locator("#id_name_km").fill("បុគ្គលិក")
    page.locator("#id_name_en").fill("Staff")
    check(page)
    page.locator("main form button[type=submit]").click()
    page.locator("a[href$='/items/new/']").click()
    check(page)
    page.locator("#id_label_km").fill("តើទឹកមកពីណា?")
    page.locator("#id_label_en").fill("Where does the water come from?")
    page.locator("[name=kind][value=choice]").check()
    page.locator("[name=choice_0_km]").fill("អណ្តូង")
    page.locator("[name=choice_0_en]").fill("Well")
    page.locator("button[name=more]").click()
    expect(page.locator("[name=choice_5_en]")).to_be_visible()
    expect(page.locator("[name=choice_0_km]")).to_have_value("អណ្តូង")
    page.locator("[name=choice_5_en]").fill("River")
    page.locator("button[name=another]").click()
    page.locator("#id_label_en").fill("Is there soap?")
    page.locator("#id_label_km").press("Enter")
    page.locator("#id_clause").press("Enter")
    expect(page.locator("[id='S01.02']")).to_contain_text("Is there soap?")
    page.locator("[id='S01.02'] button[value=up]").click()
    expect(page.locator(".studio-item").first).to_have_attribute("id", "S01.02")
    check(page)

    page.locator("a[href$='/publish/']").click()
    check(page)
    page.locator("main form button[type=submit]").click()
    version = ChecklistVersion.objects.get()
    expect(page).to_have_url(page.evaluate("location.origin") + reverse("checklist-detail", args=["clinics-1", 1]))
    check(page)
    assert version.state == "published"
    assert [item.code for item in ChecklistItem.objects.order_by("position")] == ["02", "01"]
    assert [choice["label_en"] for choice in ChecklistItem.objects.get(code="01").choices] == ["Well", "River"]


def test_the_next_version_depends_on_an_answer_and_is_compared(site):
    version = a_checklist_version()
    user = a_user(Role.LICENSING_OFFICER)
    page = site(reverse("checklist-detail", args=[version.checklist.code, 1]), width=PHONE, user=user)
    page.locator("a[href$='/draft/']").click()
    check(page)
    page.locator("main form button[type=submit]").click()
    page.locator("[id='S01.03'] a[href$='/items/03/']").click()
    page.locator("a[href$='/conditions/']").click()
    check(page)
    page.locator("#id_item").select_option("S01.02")
    page.locator("main form[method=get] button").click()
    page.locator("[name=answers][value=no]").check()
    check(page)
    page.locator("button[name=add]").click()
    expect(page.locator(".govuk-list li")).to_contain_text("S01.02")
    check(page)
    page = site(reverse("checklist-compare", args=[version.checklist.code]), width=PHONE, user=user)
    check(page)
    expect(page.locator(".comparison li")).to_contain_text("S01.03")


@pytest.mark.parametrize("language", ["km", "en"])
def test_axe_finds_nothing_on_the_other_pages(site, language):
    draft = checklists.draft(checklist=a_checklist_version().checklist, by=None, at=NOW)
    checklists.save_section(version=draft, facts={"code": "S03", "name_en": "Empty"}, by=None, at=NOW)
    user = a_user(Role.ADMINISTRATOR)
    code = draft.checklist.code
    for path in (
        reverse("checklist-detail", args=[code, 2]),
        reverse("checklist-preview", args=[code, 2]) + "?services=surgery&type=clinic",
        reverse("checklist-publish", args=[code, 2]),
        reverse("checklist-discard", args=[code, 2]),
        reverse("checklist-retire", args=[code, 1]),
        reverse("checklist-section-delete", args=[code, 2, "S01"]),
        reverse("checklist-item-delete", args=[code, 2, "S01", "01"]),
        reverse("checklist-edit", args=[code]),
    ):
        for width in (320, 1280):
            check(site(path, language=language, width=width, user=user))
