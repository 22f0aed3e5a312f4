"""The whole story on a phone: from the due list to a finding that a follow-up visit found mended."""

import re

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from inspections.models import CorrectiveAction, Finding, Standing, Visit
from inspections.states import ActionState, CorrectedHow, Purpose, VisitState
from registry.accounts.models import User
from registry.accounts.states import Role
from tests.axe import findings, too_wide
from tests.factories import PASSWORD, a_checklist_version, a_facility, a_ruleset, a_user
from tests.pictures import a_picture
from tests.ui.test_screens import site

__all__ = ["site"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE, NARROWEST, HEIGHT = 360, 320, 800
CLINIC = {"name_km": "គ្លីនិកសុខភាពល្អ", "name_en": "Good Health Clinic", "operator": None}
HERE = {"latitude": 11.5574, "longitude": 104.9282, "accuracy": 15}
PHOTO = {"name": "ដំបូល.jpg", "mimeType": "image/jpeg", "buffer": a_picture()}
SAVED = "() => Object.keys(localStorage).filter(name => name.startsWith('visit/')).length === 0"


class Phone:
    """One phone that goes from hand to hand; each page it shows is looked at as a whole."""

    def __init__(self, site, page: Page, language: str) -> None:
        self.site, self.page, self.language = site, page, language
        self.complaints: list[str] = []
        page.on(
            "console", lambda said: self.complaints.append(said.text) if said.type in ("error", "warning") else None
        )

    def open(self, name: str, *parts: object, user: User | None = None) -> None:
        self.page.context.clear_cookies()
        self.site(reverse(name, args=parts), language=self.language, width=PHONE, user=user)
        self.look()

    def follow(self, link: str) -> None:
        self.page.locator(link).first.click()
        self.look()

    def send(self) -> None:
        """The form of the page arrives, and another page says so."""
        self.page.locator("main form button[type=submit]").first.click()
        expect(self.page.locator(".govuk-notification-banner--success")).to_be_visible()
        self.look()

    def look(self) -> None:
        self.page.wait_for_load_state("load")
        found = findings(self.page) + too_wide(self.page)
        self.page.set_viewport_size({"width": NARROWEST, "height": HEIGHT})
        found += too_wide(self.page)
        self.page.set_viewport_size({"width": PHONE, "height": HEIGHT})
        assert found + self.complaints == [], self.page.url

    def answer(self, key: str, value: str) -> None:
        self.page.locator(f"[id='a:{key}:{value}']").check()

    def is_saved(self) -> None:
        expect(self.page.locator("[data-state]")).to_contain_text(re.compile(r"\d\d:\d\d"))
        self.page.wait_for_function(SAVED)
        self.look()

    def draw(self) -> None:
        canvas = self.page.locator("canvas")
        canvas.scroll_into_view_if_needed()
        box = canvas.bounding_box()
        assert box
        self.page.mouse.move(box["x"] + 30, box["y"] + 80)
        self.page.mouse.down()
        for step in range(30):
            self.page.mouse.move(box["x"] + 30 + 8 * step, box["y"] + 80 + (40 if step % 2 else -30))
        self.page.mouse.up()


@pytest.mark.parametrize("language", ["km", "en"])
def test_from_the_due_list_to_a_finding_found_mended(site, page, language):
    cache.clear()
    a_ruleset(correction_days=20)
    a_checklist_version(items=5, S01__05="photo")
    facility = a_facility(latitude="11.556400", longitude="104.928200", **CLINIC)
    manager, deputy = (a_user(Role.PROVINCIAL_MANAGER) for _ in range(2))
    lead, colleague = a_user(Role.INSPECTOR, last_name="Sok"), a_user(Role.INSPECTOR, last_name="Chan")
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation(HERE)
    phone = Phone(site, page, language)

    send_a_team(phone, manager, lead, colleague)
    visit = Visit.objects.get()
    for person in (colleague, lead):
        state_no_interest(phone, visit, person)
    start_and_say_so(phone, visit, lead)
    fill_in(phone)
    hand_in(phone, visit, {lead: None, colleague: PASSWORD})
    assert visit_of(visit).state == VisitState.SUBMITTED

    approve(phone, visit, deputy)
    standing, upcoming = Standing.objects.get(), Visit.objects.get(state=VisitState.PLANNED)
    assert (standing.visit_id, upcoming.planned_on, upcoming.inspector) == (visit.pk, standing.next_due_on, None)
    grave, mended, light = Finding.objects.order_by("item_code")
    assert (grave.grid, grave.text, mended.corrected_how, light.grid) == ("H", "ដំបូល", CorrectedHow.ON_THE_SPOT, "D")
    actions = {action.finding: action for action in CorrectiveAction.objects.select_related("finding")}
    assert set(actions) == {grave, light}

    show_that_it_is_put_right(phone, actions[grave])
    verify(phone, actions[grave], deputy)
    assert finding_of(grave).corrected_how == CorrectedHow.DESK

    plan_a_follow_up(phone, facility, manager, lead)
    follow_up = Visit.objects.get(purpose=Purpose.FOLLOW_UP)
    state_no_interest(phone, follow_up, lead)
    start_and_say_so(phone, follow_up, lead)
    assert set(visit_of(follow_up).carried) == {str(light.pk)}
    phone.answer(f"finding:{light.pk}", "yes")
    page.locator("[id='S01'] > summary").click()
    for number in range(1, 5):
        phone.answer(f"S01.0{number}", "yes")
    take_the_photo(phone)
    phone.is_saved()
    hand_in(phone, follow_up, {lead: None})
    approve(phone, follow_up, manager)
    assert finding_of(light).corrected_how == CorrectedHow.VISIT
    assert CorrectiveAction.objects.get(finding=light).state == ActionState.VERIFIED
    assert Finding.objects.count() == 3

    moved = Visit.objects.get(state=VisitState.PLANNED)
    assert (moved.pk, moved.planned_on) == (upcoming.pk, Standing.objects.get().next_due_on)
    for name, parts in {
        "finding-detail": [light.pk],
        "corrective-action-detail": [actions[light].pk],
        "standing-detail": [facility.number],
        "facility-detail": [facility.number],
        "finding-list": [],
        "visit-list": [],
        "home": [],
    }.items():
        phone.open(name, *parts, user=manager)


def send_a_team(phone: Phone, manager: User, lead: User, colleague: User) -> None:
    page = phone.page
    phone.open("visit-due", user=manager)
    phone.follow("tbody th a")
    phone.follow("a[href$='/visits/plan/']")
    page.locator("#id_inspector").select_option(str(lead.pk))
    page.locator("#id_planned_on").fill(f"{timezone.localdate():%d/%m/%Y}")
    phone.send()
    phone.follow("a[href$='/team/']")
    page.locator(f"[name=members][value='{colleague.pk}']").check()
    phone.send()


def plan_a_follow_up(phone: Phone, facility, manager: User, lead: User) -> None:
    page = phone.page
    phone.open("facility-detail", facility.number, user=manager)
    phone.follow("a[href$='/visits/plan/']")
    page.locator("#id_inspector").select_option(str(lead.pk))
    page.locator("#id_purpose").select_option(Purpose.FOLLOW_UP)
    page.locator("#id_planned_on").fill(f"{timezone.localdate():%d/%m/%Y}")
    phone.send()


def state_no_interest(phone: Phone, visit: Visit, person: User) -> None:
    phone.open("visit-detail", visit.uuid, user=person)
    phone.follow("a[href$='/statement/']")
    phone.page.locator("[name=answer][value=no]").check()
    phone.send()


def start_and_say_so(phone: Phone, visit: Visit, lead: User) -> None:
    page = phone.page
    phone.open("visit-detail", visit.uuid, user=lead)
    phone.follow("form[action$='/start/'] button")
    expect(page).to_have_url(re.compile("/fill/"))
    page.locator("[data-arrival] button").click()
    expect(page.locator("#arrival")).to_contain_text("111")
    phone.look()


def fill_in(phone: Phone) -> None:
    """One item is very bad, one is mended while the team looks on, one is bad, one is well; and photos of two."""
    page = phone.page
    phone.answer("S01.01", "no")
    page.locator("[name='s:S01.01']").select_option("3")
    page.locator("[name='w:S01.01']").select_option("2")
    page.locator("[id='S01.01'] .item__note summary").click()
    page.locator("[name='n:S01.01']").fill("ដំបូល")
    phone.answer("S01.02", "partial")
    page.locator("[name='c:S01.02']").check()
    phone.answer("S01.03", "no")
    phone.answer("S01.04", "yes")
    expect(page.locator("[id='S01.01'] [data-letter]")).to_contain_text("H")
    phone.is_saved()
    take_the_photo(phone)
    phone.follow("[id='S01.01'] [data-photos-of]")
    page.locator("#id_file").set_input_files(PHOTO)  # type: ignore[arg-type]
    phone.send()
    expect(page.locator("[id='a:S01.01:no']")).to_be_checked()


def take_the_photo(phone: Phone) -> None:
    phone.page.locator("[id='photo:S01.05']").set_input_files(PHOTO)  # type: ignore[arg-type]
    expect(phone.page.locator("[id='S01.05'] .photos__picture")).to_be_visible()
    phone.look()


def hand_in(phone: Phone, visit: Visit, team: dict[User, str | None], *, licence_seen: str = "valid") -> None:
    page = phone.page
    phone.follow(".fill-links a[href$='/submit/']")
    page.locator(f"[name=licence_seen][value={licence_seen}]").check()
    page.locator("main form button").click()
    phone.look()
    expect(page).to_have_url(re.compile("/hand-in/$"))
    phone.follow(".signers a[href$='/sign/']")
    page.locator("[name=name]").fill("សុខ ចាន់ថា")
    phone.draw()
    phone.send()
    for person, password in team.items():
        phone.follow(f".signers a[href$='/sign/{person.username}/']")
        phone.draw()
        if password:
            page.locator("[name=password]").fill(password)
        phone.send()
    phone.send()
    expect(page).to_have_url(re.compile("/receipt/$"))


def approve(phone: Phone, visit: Visit, person: User) -> None:
    phone.open("home", user=person)
    phone.follow(f"main a[href$='{visit.uuid}/']")
    phone.follow("main a[href$='/approve/']")
    phone.send()
    phone.follow("main a[href$='/receipt/']")


def show_that_it_is_put_right(phone: Phone, action: CorrectiveAction) -> None:
    """The facility, which has no account, after it read the code on its receipt."""
    page = phone.page
    phone.open("evidence", action.uuid)
    page.locator("#id_text").fill("ដំបូលត្រូវបានជួសជុល")
    page.locator("#id_name").fill("សុខ ចាន់ថា")
    page.locator("#id_upload").set_input_files(PHOTO)  # type: ignore[arg-type]
    phone.send()


def verify(phone: Phone, action: CorrectiveAction, manager: User) -> None:
    phone.open("corrective-action-list", user=manager)
    phone.follow("main a[href*='which=waiting']")
    phone.follow(f"main tbody a[href$='/corrective-actions/{action.pk}/']")
    phone.follow("main a[href$='/verify/']")
    phone.send()


def visit_of(visit: Visit) -> Visit:
    return Visit.objects.get(pk=visit.pk)


def finding_of(finding: Finding) -> Finding:
    return Finding.objects.get(pk=finding.pk)
