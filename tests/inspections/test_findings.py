"""What an approved visit does to findings: it makes them, goes on with them, closes them, and takes them back."""

from datetime import date, datetime, timedelta
from unittest.mock import ANY

import pytest

from inspections.actions import visits
from inspections.models import CorrectiveAction, Finding, FindingCheck, Standing, Visit
from inspections.states import ActionState, CorrectedHow, LicenceSeen, Purpose, VisitState
from registry.accounts.states import Role
from registry.models import PublicHoliday
from tests.factories import (
    NOW,
    TODAY,
    a_checklist_version,
    a_corrective_action,
    a_facility,
    a_finding,
    a_ruleset,
    a_user,
    a_visit,
    answers_to,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    facility = a_facility()
    a_ruleset("test")
    return {
        "facility": facility,
        "checklist_version": a_checklist_version(facility_type=facility.type),
        "ruleset": a_ruleset("grid", correction_days=3),
        "inspector": a_user(Role.INSPECTOR),
    }


def approved(world, *, answers=None, at: datetime = NOW, visited_on: date = TODAY, **fields) -> Visit:
    all_yes = answers_to(world["checklist_version"])
    visit = a_visit(
        **world,
        state=VisitState.SUBMITTED,
        answers=all_yes | (answers or {}),
        licence_seen=LicenceSeen.VALID,
        visited_on=visited_on,
        **fields,
    )
    return visits.approve(visit=visit, by=a_user(Role.APPROVER), at=at)


NO = {"S01.01": {"answer": "no", "note": "No soap."}}


def test_every_no_and_partly_is_a_finding_with_its_letter_and_a_day_in_working_days(world):
    PublicHoliday.objects.create(day=TODAY + timedelta(days=1), name_km="ក", name_en="Day", source="test")
    answers = {
        "S01.01": {"answer": "no", "severity": "4", "scope": "3", "note": "No soap."},
        "S01.02": {"answer": "partial"},
        "S01.03": {"answer": "no", "severity": "1", "scope": "1"},
        "S02.01": {"answer": "no"},
    }
    approved(world, answers=answers)
    found = Finding.objects.order_by("item_code").values_list("item_code", "grid", "text", "corrected_on")
    assert list(found) == [
        ("S01.01", "L", "No soap.", None),
        ("S01.02", "D", ANY, None),
        ("S01.03", "A", ANY, None),
    ], "S02 does not apply here: no surgery"
    actions = CorrectiveAction.objects.order_by("finding__item_code")
    # 22 November 2026 is a Sunday and Monday is off here: Tuesday, Wednesday, Thursday.
    assert [(a.finding.item_code, a.due_on, a.state) for a in actions] == [
        ("S01.01", date(2026, 11, 26), ActionState.REQUIRED),
        ("S01.02", date(2026, 11, 26), ActionState.REQUIRED),
    ]


def test_what_was_corrected_on_the_spot_is_a_finding_with_nothing_left_to_do(world):
    approved(world, answers={"S01.01": {"answer": "no", "corrected": "yes"}})
    finding = Finding.objects.get()
    assert (finding.corrected_on, finding.corrected_how) == (TODAY, CorrectedHow.ON_THE_SPOT)
    assert not CorrectiveAction.objects.exists()


def test_the_same_item_failing_again_goes_on_with_the_worse_letter_and_the_first_day(world):
    approved(world, answers=NO, visited_on=TODAY - timedelta(days=20), at=NOW - timedelta(days=20))
    due_on = CorrectiveAction.objects.get().due_on
    again = approved(world, answers={"S01.01": {"answer": "partial", "severity": "3", "scope": "2"}})
    finding = Finding.objects.get()
    assert (finding.severity, finding.scope, finding.grid) == (3, 2, "H")
    check = FindingCheck.objects.get()
    assert (check.visit, check.mended) == (again, "no")
    assert CorrectiveAction.objects.get().due_on == due_on


def test_an_item_that_fails_after_it_was_mended_is_a_new_finding(world):
    first = approved(world, answers=NO, visited_on=TODAY - timedelta(days=20))
    finding = Finding.objects.get()
    approved(world, carried={str(finding.pk): {"mended": "yes"}}, visited_on=TODAY - timedelta(days=10))
    finding.refresh_from_db()
    assert (finding.corrected_on, finding.corrected_how) == (TODAY - timedelta(days=10), CorrectedHow.VISIT)
    action = CorrectiveAction.objects.get()
    assert (action.state, action.verified_how) == (ActionState.VERIFIED, CorrectedHow.VISIT)
    approved(world, answers=NO)
    assert Finding.objects.filter(item_code="S01.01").count() == 2
    assert Finding.objects.get(corrected_on=None).visit != first


def test_a_finding_not_mended_without_an_action_gets_one(world):
    earlier = a_finding(world["facility"], item_code="S01.09")
    approved(world, carried={str(earlier.pk): {"mended": "no", "note": "Still none."}})
    assert FindingCheck.objects.get().note == "Still none."
    assert CorrectiveAction.objects.get().finding == earlier


def test_a_finding_of_another_facility_is_never_touched(world):
    other = a_finding(item_code="S01.01")
    approved(world, carried={str(other.pk): {"mended": "yes"}}, answers=NO)
    other.refresh_from_db()
    assert other.corrected_on is None
    assert not FindingCheck.objects.exists()


def test_a_back_check_finds_nothing_and_moves_nothing(world):
    earlier = a_finding(world["facility"])
    approved(world, answers=NO, purpose=Purpose.BACK_CHECK, carried={str(earlier.pk): {"mended": "yes"}})
    assert list(Finding.objects.all()) == [earlier]
    assert not FindingCheck.objects.exists() and not CorrectiveAction.objects.exists()
    assert Standing.objects.get().visit == earlier.visit


def amended(world, former: Visit, *, answers=None, **fields) -> Visit:
    return approved(world, answers=answers, amends=former, note_of_amendment="The wrong basin.", **fields)


def test_an_amendment_takes_back_what_it_does_not_find_and_takes_over_what_it_does(world):
    former = approved(world, answers=NO | {"S01.02": {"answer": "no"}})
    kept_action = CorrectiveAction.objects.get(finding__item_code="S01.01")
    new = amended(world, former, answers={"S01.01": {"answer": "partial"}})
    former.refresh_from_db()
    assert former.state == VisitState.SUPERSEDED
    assert set(former.findings.values_list("corrected_how", flat=True)) == {CorrectedHow.WITHDRAWN}
    finding = new.findings.get()
    assert (finding.item_code, finding.corrected_on) == ("S01.01", None)
    kept_action.refresh_from_db()
    assert (kept_action.finding, kept_action.state) == (finding, ActionState.REQUIRED)
    dropped = CorrectiveAction.objects.get(finding__item_code="S01.02")
    assert (dropped.state, dropped.reason) == (ActionState.WITHDRAWN, "The wrong basin.")
    assert Standing.objects.get().visit == new


def test_an_amendment_that_says_not_mended_opens_the_earlier_finding_again(world):
    approved(world, answers=NO, visited_on=TODAY - timedelta(days=20))
    finding = Finding.objects.get()
    former = approved(world, carried={str(finding.pk): {"mended": "yes"}})
    amended(world, former, carried={str(finding.pk): {"mended": "no"}})
    finding.refresh_from_db()
    assert (finding.corrected_on, finding.corrected_how) == (None, "")
    assert CorrectiveAction.objects.get().state == ActionState.REQUIRED
    assert sorted(finding.checks.values_list("mended", flat=True)) == ["no", "yes"]


def test_approval_killed_half_way_leaves_nothing(world, monkeypatch):
    monkeypatch.setattr("inspections.actions.visits.deciding.plan_next", killed)
    with pytest.raises(SystemError):
        approved(world, answers=NO)
    assert not Finding.objects.exists() and not CorrectiveAction.objects.exists() and not Standing.objects.exists()
    assert Visit.objects.get().state == VisitState.SUBMITTED


def killed(**options):
    raise SystemError("killed")


def test_the_lists_cost_as_many_queries_for_thirty_as_for_one(client, django_assert_max_num_queries):
    client.force_login(a_user(Role.AUDITOR))
    for _ in range(30):
        a_corrective_action(due_on=TODAY)
    for address in ("/findings/", "/corrective-actions/"):
        with django_assert_max_num_queries(8):
            assert client.get(address).status_code == 200


@pytest.mark.parametrize(
    ("query", "expected"),
    [("letter=L", {"L"}), ("open=no", {"C"}), ("clause=9", {"L"}), ("open=yes", {"E", "L"}), ("severity=2", {"E"})],
)
def test_findings_are_filtered(client, query, expected):
    a_finding(grid="E")
    a_finding(grid="L", severity=4, scope=3, clause="9.1")
    a_finding(grid="C", severity=1, scope=3, corrected_on=TODAY)
    client.force_login(a_user(Role.AUDITOR))
    answer = client.get(f"/findings/?{query}")
    assert {row[0].value for row in answer.context["rows"]} == expected
