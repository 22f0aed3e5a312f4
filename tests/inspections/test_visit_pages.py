import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from inspections.actions import visits
from inspections.models import Standing, Visit
from inspections.states import VisitState
from registry.accounts.states import Role
from tests.factories import (
    NOW,
    a_checklist_version,
    a_facility,
    a_province,
    a_ruleset,
    a_user,
    a_visit,
    an_approved_visit,
    another_province,
    answers_to,
    sign,
)

pytestmark = pytest.mark.django_db
ENGLISH = {"accept-language": "en"}


@pytest.fixture
def inspector():
    return a_user(Role.INSPECTOR)


@pytest.fixture
def visit(inspector):
    return a_visit(state=VisitState.IN_PROGRESS, inspector=inspector)


def at(visit, name, *rest):
    return reverse(f"visit-{name}", args=[visit.uuid, *rest])


def sent(section_answers, revision=1, **more):
    return {f"a:{key}": answer for key, answer in section_answers.items()} | {"revision": revision} | more


def test_a_visit_from_plan_to_approval(client, inspector):
    facility = a_facility()
    a_ruleset()
    version = a_checklist_version(facility_type=facility.type)
    client.force_login(inspector)
    planned = {
        "inspector": inspector.pk,
        "planned_on": timezone.localdate().strftime("%d/%m/%Y"),
        "purpose": "routine",
        "checklist_version": version.pk,
    }
    answer = client.post(reverse("visit-plan", args=[facility.number]), planned)
    visit = Visit.objects.get()
    assert answer["location"] == at(visit, "detail")
    assert client.post(at(visit, "statement"), {"answer": "no"})["location"] == at(visit, "detail")
    assert client.post(at(visit, "start"))["location"] == at(visit, "fill")
    given = {"S01.01": "yes", "S01.02": "partial", "S01.03": "no"}
    answer = client.post(at(visit, "fill-section", "S01"), sent(given, go="check"))
    assert answer["location"] == at(visit, "submit")
    page = client.get(at(visit, "submit"), headers=ENGLISH).content.decode()
    assert "3 / 3" in page
    handed_in = {"visited_on": timezone.localdate(), "outcome": "completed", "licence_seen": "valid"}
    assert client.post(at(visit, "submit"), handed_in)["location"] == at(visit, "hand-in")
    visit.refresh_from_db()
    sign(visit, **handed_in)
    assert client.post(at(visit, "hand-in")).status_code == 302
    client.force_login(a_user(Role.PROVINCIAL_MANAGER))
    page = client.get(at(visit, "approve"), headers=ENGLISH).content.decode()
    assert "2 findings are written" in page
    assert "50.00 per cent" in page
    assert client.post(at(visit, "approve")).status_code == 302
    standing = Standing.objects.get(facility=facility)
    assert (str(standing.score), standing.band, standing.visits_in_band) == ("50.00", "partially_compliant", 1)
    page = client.get(at(visit, "detail"), headers=ENGLISH).content.decode()
    assert "1.5 of 3 applicable points are 50 per cent" in page.replace("50.00", "50")
    assert "from 40 to under 60 per cent is “Partially compliant”" in page
    assert visit.findings.count() == 2


def test_the_plan_says_why_it_is_refused_and_keeps_what_was_typed(client, inspector):
    visit = a_visit(inspector=inspector, purpose="complaint")
    client.force_login(inspector)
    planned = {
        "inspector": inspector.pk,
        "planned_on": timezone.localdate() + timedelta(days=3),
        "purpose": "complaint",
        "checklist_version": visit.checklist_version_id,
    }
    address = reverse("visit-plan", args=[visit.facility.number])
    answer = client.post(address, planned, headers=ENGLISH)
    assert answer.status_code == 409
    assert "already planned or in progress" in answer.content.decode()
    assert '<option value="complaint" selected>' in answer.content.decode()


def test_a_facility_without_a_checklist_cannot_be_planned(client, inspector):
    client.force_login(inspector)
    answer = client.get(reverse("visit-plan", args=[a_facility().number]), headers=ENGLISH)
    assert "There is no published checklist" in answer.content.decode()


@pytest.mark.parametrize("name", ["detail", "fill", "services", "submit", "approve", "return", "cancel"])
def test_a_visit_of_another_province_is_not_found(client, visit, name):
    client.force_login(a_user(Role.INSPECTOR, province=another_province()))
    assert client.get(at(visit, name)).status_code == 404


@pytest.mark.parametrize("name", ["fill", "services", "submit", "approve", "return", "cancel"])
@pytest.mark.parametrize("role", [Role.LICENSING_OFFICER, Role.ENFORCEMENT_OFFICER, Role.AUDITOR, Role.ADMINISTRATOR])
def test_who_may_not_work_on_a_visit_is_told_so(client, visit, name, role):
    client.force_login(a_user(role))
    assert client.get(at(visit, "detail")).status_code == 200
    assert client.get(at(visit, name)).status_code == 403


def test_a_colleague_reads_but_does_not_fill(client, visit):
    client.force_login(a_user(Role.INSPECTOR))
    assert client.get(at(visit, "detail")).status_code == 200
    assert client.get(at(visit, "fill")).status_code == 403
    assert client.post(at(visit, "fill-section", "S01"), {}).status_code == 403


def test_a_locked_visit_cannot_be_filled(client, inspector):
    visit = a_visit(state=VisitState.SUBMITTED, inspector=inspector)
    client.force_login(inspector)
    assert client.get(at(visit, "fill")).status_code == 409
    assert client.post(at(visit, "start")).status_code == 409


def test_an_own_visit_has_no_button_and_no_page_to_approve(client, inspector):
    visit = a_visit(state=VisitState.SUBMITTED, inspector=inspector)
    client.force_login(inspector)
    assert at(visit, "approve") not in client.get(at(visit, "detail")).content.decode()
    assert client.post(at(visit, "approve")).status_code == 403


def test_filling_goes_to_the_first_section_with_something_open(client, inspector, visit):
    client.force_login(inspector)
    visit.services = ["surgery"]
    visit.save()
    client.post(at(visit, "fill-section", "S01"), sent({"S01.01": "yes", "S01.02": "na", "S01.03": "no"}))
    page = client.get(at(visit, "fill"), headers=ENGLISH).content.decode()
    assert re.findall(r'<details[^>]*id="(\w+)"[^>]* open', " ".join(page.split())) == ["S02"]
    assert "3 of 6 answered" in page


def test_a_section_of_a_service_that_is_not_offered_is_not_there(client, inspector, visit):
    client.force_login(inspector)
    assert client.get(at(visit, "fill-section", "S02")).status_code == 404
    client.post(at(visit, "services"), {"services": ["surgery"]})
    assert client.get(at(visit, "fill-section", "S02")).status_code == 200
    client.post(at(visit, "services"), {})
    assert client.get(at(visit, "fill-section", "S02")).status_code == 404


def test_every_button_saves_all_answers_and_notes(client, inspector, visit):
    client.force_login(inspector)
    for go in ("S01", "check", ""):
        visit.refresh_from_db()
        note = {f"n:S01.0{number}": f"line {go}\nសំណួរ" for number in (1, 2, 3)}
        client.post(at(visit, "fill-section", "S01"), sent({"S01.01": "yes"}, visit.revision, go=go, **note))
        visit.refresh_from_db()
        assert visit.answers == {
            "S01.01": {"answer": "yes", "note": f"line {go}\nសំណួរ"},
            "S01.02": {"note": f"line {go}\nសំណួរ"},
            "S01.03": {"note": f"line {go}\nសំណួរ"},
        }


def test_the_language_of_the_page_decides_the_language_of_the_questions(client, inspector, visit):
    client.force_login(inspector)
    assert "សំណួរ 1" in client.get(at(visit, "fill"), headers={"accept-language": "km"}).content.decode()
    assert "Question 1" in client.get(at(visit, "fill"), headers=ENGLISH).content.decode()


def test_two_windows_with_different_items_both_keep_theirs(client, inspector, visit):
    client.force_login(inspector)
    fill = at(visit, "fill-section", "S01")
    assert client.post(fill, sent({"S01.01": "yes"}, 1)).status_code == 302
    assert client.post(fill, sent({"S01.02": "no"}, 1)).status_code == 302
    visit.refresh_from_db()
    assert visit.answers == {"S01.01": {"answer": "yes"}, "S01.02": {"answer": "no"}}


def test_two_windows_with_the_same_item_meet_on_a_page_that_shows_both(client, inspector, visit):
    client.force_login(inspector)
    fill = at(visit, "fill-section", "S01")
    client.post(fill, sent({"S01.01": "yes"}, 1) | {"n:S01.01": "first window"})
    late = sent({"S01.01": "no", "S01.02": "partial"}, 1) | {"n:S01.01": "second window"}
    answer = client.post(fill, late, headers=ENGLISH)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Saved meanwhile: Yes “first window”" in " ".join(page.split())
    assert "second window</textarea>" in page
    assert 'name="revision" value="2"' in " ".join(page.split())
    visit.refresh_from_db()
    assert visit.answers == {"S01.01": {"answer": "yes", "note": "first window"}}
    assert client.post(fill, late | {"revision": 2}).status_code == 302
    visit.refresh_from_db()
    assert visit.answers["S01.01"] == {"answer": "no", "note": "second window"}
    assert visit.answers["S01.02"] == {"answer": "partial"}


def test_an_answer_that_is_none_is_shown_with_what_was_typed(client, inspector, visit):
    client.force_login(inspector)
    answer = client.post(
        at(visit, "fill-section", "S01"), sent({"S01.01": "maybe"}) | {"n:S01.02": "kept"}, headers=ENGLISH
    )
    assert answer.status_code == 422
    assert "choose one of the answers" in answer.content.decode()
    assert "kept</textarea>" in answer.content.decode()


def test_handing_in_names_the_section_and_the_item_that_lack_an_answer(client, inspector, visit):
    client.force_login(inspector)
    page = client.get(at(visit, "submit"), headers=ENGLISH).content.decode()
    assert at(visit, "fill-section", "S01") + "#S01.02" in page
    whole = {"visited_on": timezone.localdate(), "outcome": "completed", "licence_seen": "valid"}
    client.post(at(visit, "submit"), whole)
    answer = client.post(at(visit, "hand-in"), headers=ENGLISH)
    assert answer.status_code == 409
    assert "3 items are not answered. The first is “Question 1” in the section “Section 1”." in answer.content.decode()


def test_a_visit_that_was_refused_entry_needs_no_answers(client, inspector, visit):
    client.force_login(inspector)
    failed = {"visited_on": timezone.localdate(), "outcome": "refused"}
    assert "Write in the remarks" in client.post(at(visit, "submit"), failed, headers=ENGLISH).content.decode()
    failed["note"] = "The gate stayed shut."
    assert client.post(at(visit, "submit"), failed)["location"] == at(visit, "hand-in")
    assert client.post(at(visit, "hand-in")).status_code == 302
    client.force_login(a_user(Role.APPROVER))
    page = client.get(at(visit, "approve"), headers=ENGLISH).content.decode()
    assert "standing of the facility does not change" in page
    client.post(at(visit, "approve"))
    visit.refresh_from_db()
    assert (visit.state, visit.score, visit.band) == (VisitState.APPROVED, None, "")
    assert not Standing.objects.exists()


def test_returning_needs_a_reason_and_the_inspector_reads_it(client, inspector):
    visit = a_visit(state=VisitState.SUBMITTED, inspector=inspector)
    client.force_login(a_user(Role.APPROVER))
    assert client.post(at(visit, "return"), {}).status_code == 200
    assert "Error:" in client.post(at(visit, "return"), {}, headers=ENGLISH).content.decode()
    client.post(at(visit, "return"), {"reason": "The medicines section is about another site."})
    client.force_login(inspector)
    page = client.get(at(visit, "detail")).content.decode()
    assert "The medicines section is about another site." in page
    assert client.get(at(visit, "fill")).status_code == 200


def test_the_list_of_visits_costs_the_same_however_long(client, django_assert_num_queries):
    client.force_login(a_user(Role.AUDITOR))
    a_visit()
    client.get(reverse("visit-list"))
    with django_assert_num_queries(5) as few:
        client.get(reverse("visit-list"))
    for _number in range(12):
        a_visit()
    with django_assert_num_queries(len(few)):
        client.get(reverse("visit-list"))


def test_the_list_shows_the_own_province_only_and_filters(client):
    mine, other = a_visit(), a_visit(a_facility(province=another_province()))
    client.force_login(a_user(Role.PROVINCIAL_MANAGER, province=a_province()))
    page = client.get(reverse("visit-list")).content.decode()
    assert at(mine, "detail") in page
    assert at(other, "detail") not in page
    assert at(mine, "detail") not in client.get(reverse("visit-list"), {"state": "approved"}).content.decode()
    asked = {"state": "planned", "inspector": mine.inspector.username, "purpose": "routine"}
    assert at(mine, "detail") in client.get(reverse("visit-list"), asked).content.decode()
    client.force_login(mine.inspector)
    assert at(mine, "detail") in client.get(reverse("visit-list"), {"whose": "mine"}).content.decode()


def test_the_due_list_has_the_longest_overdue_first_and_leaves_out_what_is_far_off(client):
    today = timezone.localdate()
    names = []
    for days in (40, 5, -200):
        facility = a_facility()
        an_approved_visit(facility, visited_on=today - timedelta(days=400), next_due_on=today + timedelta(days=days))
        names.append(facility.name_en)
    client.force_login(a_user(Role.PROVINCIAL_MANAGER))
    page = client.get(reverse("visit-due")).content.decode()
    assert names[0] not in page
    assert page.index(names[2]) < page.index(names[1])


@pytest.mark.parametrize("items", [3, 200])
def test_the_pages_of_a_visit_cost_the_same_however_long_the_checklist(
    client, inspector, items, django_assert_num_queries
):
    version = a_checklist_version(items=items)
    visit = a_visit(state=VisitState.IN_PROGRESS, inspector=inspector, checklist_version=version)
    visits.save_draft(visit=visit, answers=answers_to(version), revision=1, by=inspector, at=NOW)
    client.force_login(inspector)
    for name, queries in {"fill": 12, "submit": 6, "detail": 16}.items():
        client.get(at(visit, name))
        with django_assert_num_queries(queries):
            client.get(at(visit, name))


def test_checklists_and_rulesets_can_be_read_by_everyone_with_a_role(client):
    version = a_checklist_version()
    ruleset = a_ruleset()
    client.force_login(a_user(Role.INSPECTOR))
    assert client.get(reverse("checklist-list")).status_code == 200
    page = client.get(reverse("checklist-detail", args=[version.checklist.code, 1])).content.decode()
    assert "Question 1" in page
    assert "សំណួរ 1" in page
    page = client.get(reverse("ruleset-detail", args=[ruleset.code, 1]), headers=ENGLISH).content.decode()
    assert "Substantially compliant" in page
