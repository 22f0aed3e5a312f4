"""What is kept of a visit that is being filled in, by whom, and what a page hears of it."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from inspections import rules
from inspections.actions import visits
from inspections.models import ChecklistItem, ChecklistVersion, Finding, VisitMember
from inspections.reports import progress, refusals
from inspections.states import AnswerKind, Purpose, VersionState, VisitOutcome, VisitState
from registry.accounts.states import Role
from registry.audit.models import AuditEvent
from registry.core.distance import metres_between
from registry.core.errors import NotPermitted, Refused
from tests.factories import NOW, TODAY, a_checklist_version, a_facility, a_user, a_visit, an_approved_visit, answers_to

pytestmark = pytest.mark.django_db


@pytest.fixture
def inspector():
    return a_user(Role.INSPECTOR)


@pytest.fixture
def visit(inspector):
    return a_visit(state=VisitState.IN_PROGRESS, inspector=inspector)


def keep(visit, answers, by=None, revision=None):
    revision = visit.revision if revision is None else revision
    return visits.keep(visit=visit, answers=answers, revision=revision, by=by or visit.inspector, at=NOW)


def send(client, visit, answers, revision=1):
    address = reverse("visit-answers", args=[visit.uuid])
    return client.post(address, {"revision": revision, "answers": answers}, content_type="application/json")


def an_open_finding(facility, **fields):
    earlier = an_approved_visit(facility, visited_on=date(2025, 11, 3), next_due_on=date(2026, 11, 3))
    facts = {"clause": "§ 9", "text": "Expired", "severity": 2, "grid": "D", "recorded_at": NOW} | fields
    return Finding.objects.create(visit=earlier, facility=facility, **facts)


def with_kinds(**kinds):
    """A version whose first items are of these kinds: `S01.01` and so on."""
    version = a_checklist_version(items=len(kinds) + 1)
    draft = ChecklistVersion.objects.create(checklist=version.checklist, number=2)
    section = version.sections.get(code="S01")
    section.pk, section.version = None, draft
    section.save()
    for position, (kind, fields) in enumerate(kinds.items()):
        ChecklistItem.objects.create(
            section=section, position=position, code=kind, label_en=kind, kind=kind, **(fields or {})
        )
    version.state = VersionState.RETIRED
    version.save()
    draft.state, draft.published_at = VersionState.PUBLISHED, NOW
    draft.save()
    return draft


class TestAnswers:
    def test_a_no_keeps_what_the_inspector_said_of_it_and_nothing_that_goes_without_saying(self, visit):
        said = {"answer": "no", "severity": "3", "scope": "1", "corrected": "yes", "note": " dust \r\n"}
        kept = keep(visit, {"S01.01": said, "S01.02": {"answer": "yes", "severity": "4", "corrected": "yes"}})
        assert kept.visit.answers == {
            "S01.01": {"answer": "no", "severity": "3", "corrected": "yes", "note": "dust"},
            "S01.02": {"answer": "yes"},
        }

    def test_numbers_are_understood_in_khmer_digits_and_stored_in_ascii(self, inspector):
        version = with_kinds(count=None, measure={"unit": "°C"})
        visit = a_visit(state=VisitState.IN_PROGRESS, inspector=inspector, checklist_version=version)
        kept = keep(visit, {"S01.count": {"value": " ១២ "}, "S01.measure": {"value": "-៣,៥"}})
        assert kept.visit.answers == {"S01.count": {"value": "12"}, "S01.measure": {"value": "-3.5"}}

    @pytest.mark.parametrize(
        ("key", "answer"),
        [
            ("S01.count", {"value": "1.5"}),
            ("S01.count", {"value": "-1"}),
            ("S01.measure", {"value": "warm"}),
            ("S01.measure", {"value": "NaN"}),
            ("S01.choice", {"value": "river"}),
            ("S01.choice", {"answer": "yes"}),
            ("S01.compliance", {"answer": "maybe"}),
            ("S01.compliance", {"answer": "no", "severity": "5"}),
            ("S01.compliance", {"answer": "no", "scope": "0"}),
            ("S01.compliance", {"answer": "no", "corrected": "soon"}),
            ("S01.compliance", {"answer": "no", "score": "100"}),
            ("S01.compliance", {"answer": ["no"]}),
            ("S01.compliance", "no"),
            ("S01.text", {"value": "x" * 2001}),
            ("finding:7", {"mended": "yes"}),
            ("S09.01", {"answer": "yes"}),
        ],
    )
    def test_what_is_no_answer_to_the_item_is_refused(self, client, inspector, key, answer):
        choices = {"choices": [{"code": "well", "label_en": "Well"}]}
        version = with_kinds(compliance=None, count=None, measure=None, choice=choices, text=None)
        visit = a_visit(state=VisitState.IN_PROGRESS, inspector=inspector, checklist_version=version)
        client.force_login(inspector)
        sent = send(client, visit, {key: answer})
        assert (sent.status_code, sent.json()["code"]) in [(409, "wrong_answer"), (409, "unknown_item")]
        visit.refresh_from_db()
        assert (visit.answers, visit.revision) == ({}, 1)

    def test_photos_are_counted_not_claimed(self, inspector):
        version = with_kinds(photo={"required": True})
        visit = a_visit(state=VisitState.IN_PROGRESS, inspector=inspector, checklist_version=version)
        assert keep(visit, {"S01.photo": {"value": "3"}}).visit.answers == {}

    def test_every_kept_draft_says_who_answered_what(self, visit):
        keep(visit, {"S01.02": {"answer": "yes"}, "S01.01": {"answer": "no"}})
        event = AuditEvent.objects.get(verb="visit.draft_saved")
        assert (event.by_username, event.facts) == (
            visit.inspector.username,
            {"items": ["S01.01", "S01.02"], "revision": 2},
        )

    def test_the_same_answers_again_change_nothing(self, visit):
        kept = keep(visit, {"S01.01": {"answer": "no"}})
        again = keep(visit, {"S01.01": {"answer": "no"}}, revision=1)
        assert kept.visit.revision == again.visit.revision == 2
        assert AuditEvent.objects.filter(verb="visit.draft_saved").count() == 1


class TestThePage:
    def test_an_answer_is_answered_with_all_that_the_page_shows(self, client, visit):
        client.force_login(visit.inspector)
        found = send(client, visit, {"S01.01": {"answer": "yes"}, "S01.02": {"answer": "no"}}).json()
        assert found["revision"] == 2
        assert (found["answered"], found["asked"], found["sections"]) == (2, 3, {"S01": [2, 3]})
        assert found["result"].startswith("50.00 per cent – ")
        assert (found["hidden"], found["others"]) == ([], {})

    def test_the_live_result_is_the_one_that_approval_finds(self, inspector):
        version = a_checklist_version(items=7)
        answers = answers_to(version, "yes", S01__02="no", S01__03="partial", S01__04="na")
        visit = a_visit(state=VisitState.IN_PROGRESS, inspector=inspector, checklist_version=version)
        kept = keep(visit, answers)
        live = progress(kept.visit, kept.structure, on=TODAY).result
        approved = rules.result(kept.visit, rules.structure(version), visited_on=TODAY)
        assert live == f"{approved.percent} per cent – {approved.band}"

    def test_items_come_and_go_with_what_is_answered(self, client, inspector):
        asked_if = {"asked_if": [{"item": "S01.compliance", "is": ["no"]}]}
        version = with_kinds(compliance=None, text=asked_if)
        visit = a_visit(state=VisitState.IN_PROGRESS, inspector=inspector, checklist_version=version)
        client.force_login(inspector)
        assert send(client, visit, {"S01.compliance": {"answer": "yes"}}).json()["hidden"] == ["S01.text"]
        assert send(client, visit, {"S01.compliance": {"answer": "no"}}, 2).json()["hidden"] == []

    def test_a_page_hears_what_others_answered_since_it_last_asked(self, client, visit):
        client.force_login(visit.inspector)
        send(client, visit, {"S01.01": {"answer": "no"}})
        found = send(client, visit, {"S01.02": {"answer": "yes"}}, revision=1).json()
        assert (found["revision"], found["others"]) == (3, {"S01.01": {"answer": "no"}})

    def test_the_same_item_answered_twice_is_said_with_what_was_saved(self, client, visit):
        client.force_login(visit.inspector)
        send(client, visit, {"S01.01": {"answer": "no"}, "S01.03": {"answer": "yes"}})
        answer = send(client, visit, {"S01.01": {"answer": "yes"}, "S01.02": {"answer": "yes"}}, revision=1)
        assert answer.status_code == 409
        found = answer.json()
        assert found["code"] == "overtaken"
        assert (found["saved"], found["others"]) == ({"S01.01": {"answer": "no"}}, {"S01.03": {"answer": "yes"}})
        visit.refresh_from_db()
        assert "S01.02" not in visit.answers

    @pytest.mark.parametrize("body", ["", "[]", "{}", '{"answers": {}}', '{"answers": 1, "revision": 1}', "\xff"])
    def test_what_did_not_arrive_whole_is_not_kept(self, client, visit, body):
        client.force_login(visit.inspector)
        answer = client.post(reverse("visit-answers", args=[visit.uuid]), body, content_type="application/json")
        assert (answer.status_code, answer.json()["code"]) == (400, "unreadable")

    def test_a_locked_visit_keeps_nothing(self, client, inspector):
        visit = a_visit(state=VisitState.SUBMITTED, inspector=inspector)
        client.force_login(inspector)
        answer = send(client, visit, {"S01.01": {"answer": "yes"}})
        assert (answer.status_code, answer.json()["code"]) == (409, "answers_locked")

    @pytest.mark.parametrize("items", [3, 300])
    def test_opening_and_saving_cost_the_same_however_long_the_checklist(
        self, client, inspector, items, django_assert_num_queries
    ):
        version = a_checklist_version(items=items)
        visit = a_visit(state=VisitState.IN_PROGRESS, inspector=inspector, checklist_version=version)
        keep(visit, answers_to(version, "no"))
        client.force_login(inspector)
        with django_assert_num_queries(12):
            client.get(reverse("visit-fill", args=[visit.uuid]))
        with django_assert_num_queries(13):
            send(client, visit, {"S01.02": {"answer": "yes"}}, revision=2)

    def test_a_section_is_saved_by_its_button_with_all_its_parts(self, client, visit):
        client.force_login(visit.inspector)
        address = reverse("visit-fill-section", args=[visit.uuid, "S01"])
        sent = {
            "a:S01.01": "no",
            "s:S01.01": "4",
            "w:S01.01": "3",
            "c:S01.01": "yes",
            "n:S01.01": "rats",
            "revision": 1,
        }
        client.post(address, sent)
        visit.refresh_from_db()
        assert visit.answers["S01.01"] == {
            "answer": "no",
            "severity": "4",
            "scope": "3",
            "corrected": "yes",
            "note": "rats",
        }


class TestTheTeam:
    @pytest.fixture
    def colleague(self, visit):
        VisitMember.objects.create(visit=visit, person=visit.inspector, stated_at=NOW)
        colleague = a_user(Role.INSPECTOR)
        VisitMember.objects.create(visit=visit, person=colleague, sections=["S02"], stated_at=NOW)
        visit.services = ["surgery"]
        visit.save()
        return colleague

    def test_members_fill_in_but_do_not_begin_or_hand_in(self, client, visit, colleague):
        assert keep(visit, {"S01.01": {"answer": "yes"}}, by=colleague).visit.revision == 2
        client.force_login(colleague)
        assert client.get(reverse("visit-fill", args=[visit.uuid])).status_code == 200
        assert client.get(reverse("visit-submit", args=[visit.uuid])).status_code == 403
        with pytest.raises(NotPermitted):
            visits.start(visit=visit, by=colleague, at=NOW)

    def test_a_section_with_an_owner_is_answered_by_nobody_else(self, client, visit, colleague):
        assert keep(visit, {"S02.01": {"answer": "yes"}}, by=colleague).visit.answers["S02.01"]
        client.force_login(visit.inspector)
        answer = send(client, visit, {"S02.01": {"answer": "no"}}, revision=2)
        assert (answer.status_code, answer.json()["code"]) == (403, "section_of_another")
        assert str(colleague) in answer.json()["sentence"]
        assert client.post(reverse("visit-fill-section", args=[visit.uuid, "S02"]), {}).status_code == 403
        page = client.get(reverse("visit-fill", args=[visit.uuid])).content.decode()
        assert "This section is answered by" in page
        assert page.count("disabled>") == 1

    def test_whoever_has_not_stated_to_have_no_interest_does_not_fill_in(self, client, visit, colleague):
        VisitMember.objects.filter(person=colleague).update(stated_at=None)
        client.force_login(colleague)
        assert send(client, visit, {"S01.01": {"answer": "yes"}}).json()["code"] == "not_stated"
        assert client.get(reverse("visit-fill", args=[visit.uuid])).status_code == 409

    def test_strangers_of_the_province_keep_nothing(self, client, visit):
        client.force_login(a_user(Role.INSPECTOR))
        assert send(client, visit, {"S01.01": {"answer": "yes"}}).status_code == 403


class TestEarlierFindings:
    def test_what_is_open_when_the_visit_begins_must_be_answered(self, inspector):
        facility = a_facility()
        finding = an_open_finding(facility)
        an_open_finding(facility, corrected_on=TODAY)
        visit = visits.start(visit=a_visit(facility, inspector=inspector), by=inspector, at=NOW)
        assert visit.carried == {str(finding.pk): {}}
        keep(visit, answers_to(visit.checklist_version))
        visit.refresh_from_db()
        assert progress(visit, rules.structure(visit.checklist_version), on=TODAY).sections[rules.CARRIED] == (0, 1)
        key = f"finding:{finding.pk}"
        kept = keep(visit, {key: {"mended": "no", "note": "the same shelf"}}).visit
        assert kept.carried == {str(finding.pk): {"mended": "no", "note": "the same shelf"}}
        assert not any(name.startswith("finding:") for name in kept.answers)
        assert keep(kept, {key: {}}).visit.carried == {str(finding.pk): {}}

    def test_a_back_check_is_blind(self, inspector):
        facility = a_facility()
        an_open_finding(facility)
        visit = a_visit(facility, inspector=inspector, purpose=Purpose.BACK_CHECK)
        assert visits.start(visit=visit, by=inspector, at=NOW).carried == {}

    def test_they_stand_first_on_the_page_and_are_saved_by_their_button(self, client, inspector):
        facility = a_facility()
        finding = an_open_finding(facility)
        visit = a_visit(facility, state=VisitState.IN_PROGRESS, inspector=inspector, carried={str(finding.pk): {}})
        client.force_login(inspector)
        page = client.get(reverse("visit-fill", args=[visit.uuid])).content.decode()
        assert page.index("Findings of earlier visits") < page.index("Section 1")
        address = reverse("visit-fill-section", args=[visit.uuid, rules.CARRIED])
        client.post(address, {f"a:finding:{finding.pk}": "yes", "revision": 1})
        visit.refresh_from_db()
        assert visit.carried == {str(finding.pk): {"mended": "yes"}}
        assert client.post(address, {f"a:finding:{finding.pk}": "perhaps", "revision": 2}).status_code == 422


class TestArrival:
    def test_the_distance_to_the_registered_point_is_kept(self, client, inspector):
        facility = a_facility(latitude="11.556400", longitude="104.928200")
        visit = a_visit(facility, state=VisitState.IN_PROGRESS, inspector=inspector)
        client.force_login(inspector)
        place = {"latitude": "11.557400", "longitude": "104.928200", "accuracy_m": "15"}
        client.post(reverse("visit-arrive", args=[visit.uuid]), place)
        visit.refresh_from_db()
        assert (visit.latitude, visit.distance_m, visit.accuracy_m) == (Decimal("11.557400"), 111, 15)
        page = client.get(reverse("visit-fill", args=[visit.uuid])).content.decode()
        assert "111 m from the registered point, accuracy 15 m." in page

    @pytest.mark.parametrize("place", [{}, {"latitude": "95", "longitude": "1"}, {"latitude": "11.5"}])
    def test_without_a_place_one_goes_on_and_it_is_unknown(self, client, inspector, place):
        facility = a_facility(latitude="11.5564", longitude="104.9282")
        visit = a_visit(facility, state=VisitState.IN_PROGRESS, inspector=inspector)
        client.force_login(inspector)
        client.post(reverse("visit-arrive", args=[visit.uuid]), place)
        visit.refresh_from_db()
        assert visit.arrived_at is not None
        assert (visit.latitude, visit.distance_m) == (None, None)
        assert "The place is unknown." in client.get(reverse("visit-fill", args=[visit.uuid])).content.decode()

    def test_no_place_is_outside_the_earth(self, visit):
        with pytest.raises(Refused):
            visits.arrive(visit=visit, latitude=Decimal(91), longitude=Decimal(0), by=visit.inspector, at=NOW)

    def test_distances_along_the_ground(self):
        assert metres_between(("11.5564", "104.9282"), ("11.5564", "104.9282")) == 0
        assert metres_between((0, 0), (0, 180)) == 20_015_114
        phnom_penh, siem_reap = (11.5564, 104.9282), (13.3633, 103.8564)
        assert metres_between(phnom_penh, siem_reap) == pytest.approx(232_000, rel=0.01)
        assert metres_between(phnom_penh, siem_reap) == metres_between(siem_reap, phnom_penh)


def test_refusals_are_counted_since_the_last_completed_visit(client, inspector):
    facility = a_facility()
    others = {"state": VisitState.APPROVED, "outcome": VisitOutcome.REFUSED, "decided_at": NOW, "inspector": inspector}
    decided = others | {"decided_by": a_user(Role.APPROVER)}
    a_visit(facility, visited_on=date(2025, 1, 1), **decided)
    an_approved_visit(facility, visited_on=date(2025, 6, 1), next_due_on=date(2026, 6, 1))
    assert refusals(facility) == 0
    for month in (7, 8):
        a_visit(facility, visited_on=date(2025, month, 1), **decided)
    assert refusals(facility) == 2
    visit = a_visit(facility, state=VisitState.IN_PROGRESS, inspector=inspector)
    client.force_login(inspector)
    page = client.get(reverse("visit-fill", args=[visit.uuid])).content.decode()
    assert "Entry was refused 2 times since the last completed visit." in page


def test_kinds_of_items_are_all_on_the_page(client, inspector):
    kinds = dict.fromkeys(AnswerKind.values)
    kinds["choice"] = {"choices": [{"code": "well", "label_km": "អណ្តូង", "label_en": "Well"}]}
    version = with_kinds(**kinds)
    visit = a_visit(state=VisitState.IN_PROGRESS, inspector=inspector, checklist_version=version)
    client.force_login(inspector)
    for language, label in (("km", "អណ្តូង"), ("en", "Well")):
        page = client.get(
            reverse("visit-fill", args=[visit.uuid]), headers={"accept-language": language}
        ).content.decode()
        assert f'for="a:S01.choice:well">{label}' in " ".join(page.split())
        assert page.count('data-item="value"') == 5
