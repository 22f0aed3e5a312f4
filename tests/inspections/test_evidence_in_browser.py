"""Photos and a colleague's signature on a phone, in Khmer."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from inspections.actions import visits
from inspections.models import Visit, VisitMember
from inspections.states import AnswerKind, VisitState
from registry.accounts.states import Role
from tests.factories import NOW, PASSWORD, TODAY, a_checklist_version, a_facility, a_user, a_visit, answers_to
from tests.inspections.test_visit_in_browser import PHONE, check, sign
from tests.pictures import a_picture
from tests.ui.test_screens import site

__all__ = ["site"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def visit():
    version = a_checklist_version(S01__03=AnswerKind.PHOTO)
    answers = answers_to(version) | {"S01.03": {}}
    facility = a_facility(name_km="គ្លីនិកសុខភាពល្អ")
    visit = a_visit(facility, state=VisitState.IN_PROGRESS, checklist_version=version, answers=answers, started_at=NOW)
    for person in (visit.inspector, a_user(Role.INSPECTOR)):
        VisitMember.objects.create(visit=visit, person=person, stated_at=NOW)
    return visit


def test_a_photo_waits_for_the_network_is_made_smaller_and_arrives_whole(site, visit, tmp_path):
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(a_picture(size=(2400, 1800)))
    page = site(reverse("visit-fill", args=[visit.uuid]), width=PHONE, user=visit.inspector)
    page.context.set_offline(True)
    page.locator("[data-photos] input[type=file]").set_input_files(photo)
    expect(page.locator("[data-queue] button")).to_be_visible()
    check(page)
    assert not visit.photos.exists()
    page.context.set_offline(False)
    expect(page.locator("[data-photos] img")).to_be_visible()
    check(page)
    kept = visit.photos.select_related("file").get()
    assert (kept.item_code, kept.file.width, kept.file.height) == ("S01.03", 1600, 1200) and kept.taken_at
    assert Visit.objects.get(pk=visit.pk).answers["S01.03"] == {"value": "1"}

    page.goto(page.url.replace("/fill/", "/photos/"))
    check(page)
    page.locator("button[name=remove]").click()
    expect(page.locator(".photos")).to_have_count(0)


def test_a_colleague_signs_on_the_same_phone_with_the_own_password(site, visit):
    colleague = visit.members.exclude(person=visit.inspector).get().person
    said = {"visited_on": TODAY, "outcome": "completed", "licence_seen": "valid"}
    visits.conclude(visit=visit, **said, by=visit.inspector, at=NOW)
    address = reverse("visit-sign-inspector", args=[visit.uuid, colleague.username])
    page = site(address, width=PHONE, user=visit.inspector)
    for password in ("a guess", PASSWORD):
        sign(page)
        page.locator("[name=password]").fill(password)
        page.locator("main form button[type=submit]").click()
        expect(page.locator("#main .govuk-error-summary, #main .govuk-notification-banner")).to_be_visible()
        check(page)
    assert visit.signatures.get().person == colleague
