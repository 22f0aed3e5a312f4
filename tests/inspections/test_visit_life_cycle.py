from datetime import timedelta
from functools import partial

import pytest

from inspections.actions import rulebook, visits
from inspections.models import Checklist, ChecklistItem, Finding, Standing, Visit
from inspections.states import VISIT_TRANSITIONS, LicenceSeen, Purpose, VisitOutcome, VisitState
from registry.accounts.states import Role
from registry.audit.models import AuditEvent
from registry.core.errors import NotPermitted, Refused
from registry.models import FacilityService
from registry.states import OperationalStatus
from tests.factories import (
    NOW,
    TODAY,
    a_checklist_version,
    a_facility,
    a_facility_type,
    a_province,
    a_ruleset,
    a_service,
    a_user,
    a_visit,
    an_approved_visit,
    another_province,
    answers_to,
    hand_in,
)

pytestmark = pytest.mark.django_db

VERBS = {
    "start": (visits.start, {}, VisitState.IN_PROGRESS),
    "submit": (
        hand_in,
        {"visited_on": TODAY, "outcome": VisitOutcome.COMPLETED, "licence_seen": LicenceSeen.VALID},
        VisitState.SUBMITTED,
    ),
    "approve": (visits.approve, {}, VisitState.APPROVED),
    "return": (visits.return_for_correction, {"reason": "wrong site"}, VisitState.RETURNED),
    "cancel": (visits.cancel, {"reason": "no car"}, VisitState.CANCELLED),
}
MAY = {
    "start": {"own inspector"},
    "submit": {"own inspector"},
    "approve": {"manager", "approver"},
    "return": {"manager", "approver"},
    "cancel": {"own inspector", "manager"},
}
PEOPLE = [
    "own inspector",
    "other inspector",
    "manager",
    "manager elsewhere",
    "approver",
    *list(Role)[2:3],
    *list(Role)[4:],
]


def a_visit_in(state, inspector):
    version = a_checklist_version()
    made = {"checklist_version": version, "answers": answers_to(version), "inspector": inspector}
    if state != VisitState.APPROVED:
        return a_visit(state=state, **made)
    visit = a_visit(state=VisitState.SUBMITTED, licence_seen=LicenceSeen.VALID, **made)
    return visits.approve(visit=visit, by=a_user(Role.APPROVER), at=NOW)


def person(name, inspector):
    if name == "own inspector":
        return inspector
    if name.startswith("manager"):
        return a_user(Role.PROVINCIAL_MANAGER, province=another_province() if "elsewhere" in name else None)
    return a_user(Role.INSPECTOR if name == "other inspector" else Role(name))


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("state", VisitState)
def test_every_verb_in_every_state_by_every_role(state, verb, who):
    inspector = a_user(Role.INSPECTOR)
    visit = a_visit_in(state, inspector)
    act, given, to = VERBS[verb]
    attempt = partial(act, visit=visit, **given, by=person(who, inspector), at=NOW)
    if who not in MAY[verb]:
        with pytest.raises(NotPermitted):
            attempt()
    elif to not in VISIT_TRANSITIONS[state]:
        with pytest.raises(Refused, match="cannot become"):
            attempt()
    else:
        assert attempt().state == to
        assert AuditEvent.objects.filter(subject_number=visit.number).latest("id").by_role
        return
    visit.refresh_from_db()
    assert visit.state == state


@pytest.mark.parametrize("state", VisitState)
def test_answers_are_open_only_while_the_inspector_has_the_visit(state):
    inspector = a_user(Role.INSPECTOR)
    visit = a_visit_in(state, inspector)
    save = partial(
        visits.save_draft,
        visit=visit,
        answers={"S01.01": {"answer": "no"}},
        revision=visit.revision,
        by=inspector,
        at=NOW,
    )
    if state in (VisitState.IN_PROGRESS, VisitState.RETURNED):
        assert save().answers["S01.01"] == {"answer": "no"}
        assert save().revision == visit.revision + 1
    else:
        with pytest.raises(Refused, match="locked"):
            save()


def stated(visit, by):
    visits.state_no_interest(visit=visit, by=by, at=NOW)
    return visit


def plan(facility, by, **given):
    given = {"inspector": by, "planned_on": TODAY, "purpose": Purpose.ROUTINE, "announced": False} | given
    given.setdefault("checklist_version", a_checklist_version(facility_type=facility.type))
    a_ruleset()
    return visits.plan(facility=facility, by=by, at=NOW, **given)


def test_inspectors_plan_for_themselves_and_managers_for_their_inspectors():
    inspector, manager = a_user(Role.INSPECTOR), a_user(Role.PROVINCIAL_MANAGER)
    assert plan(a_facility(), inspector).state == VisitState.PLANNED
    assert plan(a_facility(), manager, inspector=inspector).inspector == inspector
    with pytest.raises(NotPermitted):
        plan(a_facility(), inspector, inspector=a_user(Role.INSPECTOR))
    with pytest.raises(NotPermitted):
        plan(a_facility(province=another_province()), manager, inspector=inspector)
    for role in set(Role) - {Role.INSPECTOR, Role.PROVINCIAL_MANAGER}:
        with pytest.raises(NotPermitted):
            plan(a_facility(), a_user(role), inspector=inspector)


@pytest.mark.parametrize(
    ("facility", "given", "sentence"),
    [
        ({"status": OperationalStatus.CLOSED}, {}, "closed"),
        ({}, {"planned_on": TODAY - timedelta(days=1)}, "today or later"),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused(facility, given, sentence):
    with pytest.raises(Refused, match=sentence):
        plan(a_facility(**facility), a_user(Role.INSPECTOR), **given)


def test_a_plan_is_refused_for_an_inspector_who_left_or_is_of_another_province():
    manager = a_user(Role.PROVINCIAL_MANAGER)
    for inspector in (
        a_user(Role.INSPECTOR, is_active=False),
        a_user(Role.INSPECTOR, province=another_province()),
        manager,
    ):
        with pytest.raises(Refused, match="own province"):
            plan(a_facility(), manager, inspector=inspector)


def test_one_visit_is_under_way_at_a_time():
    facility, inspector = a_facility(), a_user(Role.INSPECTOR)
    plan(facility, inspector)
    with pytest.raises(Refused, match="already planned"):
        plan(facility, inspector)


def test_the_checklist_and_ruleset_of_the_day_it_begins_stand():
    facility, inspector = a_facility(), a_user(Role.INSPECTOR)
    visit = plan(facility, inspector)
    checklist = visit.checklist_version.checklist
    definition = {
        "code": checklist.code,
        "name_km": checklist.name_km,
        "name_en": checklist.name_en,
        "ruleset_code": "test",
        "facility_types": [facility.type.code],
        "section": [{"code": "N", "name_en": "New", "item": [{"code": "1", "label_en": "Q"}]}],
    }
    version, new = rulebook.add_version(definition=definition, publish_it=True, by=None, at=NOW)
    assert new
    assert visits.start(visit=stated(visit, inspector), by=inspector, at=NOW).checklist_version == version
    rulebook.add_version(definition=definition | {"section": []}, by=None, at=NOW)
    assert Visit.objects.get().checklist_version == version


def test_declared_services_are_noted_when_the_visit_begins_and_corrected_by_what_is_found():
    facility, inspector = a_facility(), a_user(Role.INSPECTOR)
    old, ended, later = a_service("delivery"), a_service("dialysis"), a_service("radiology")
    FacilityService.objects.create(facility=facility, service=old, declared_on=TODAY)
    FacilityService.objects.create(facility=facility, service=ended, declared_on=TODAY, withdrawn_on=TODAY)
    FacilityService.objects.create(facility=facility, service=later, declared_on=TODAY + timedelta(days=1))
    visit = visits.start(visit=stated(plan(facility, inspector), inspector), by=inspector, at=NOW)
    assert visit.services == ["delivery"]
    visit = visits.note_services(visit=visit, services={"surgery", "delivery"}, by=inspector, at=NOW)
    assert visit.services == ["delivery", "surgery"]
    with pytest.raises(Refused, match="no service"):
        visits.note_services(visit=visit, services={"magic"}, by=inspector, at=NOW)


@pytest.mark.parametrize(
    "answers",
    [
        {"S01.99": {"answer": "yes"}},
        {"S01.01": {"answer": "maybe"}},
        {"S01.01": {"value": "3"}},
        {"S01.01": "yes"},
        {"S01.01": {"answer": "yes", "note": "x" * 2001}},
        {"S01.01": {"answer": "yes", "score": "100"}},
    ],
)
def test_answers_that_do_not_fit_the_checklist_are_refused(answers):
    visit = a_visit(state=VisitState.IN_PROGRESS)
    with pytest.raises(Refused):
        visits.save_draft(visit=visit, answers=answers, revision=1, by=visit.inspector, at=NOW)


def in_progress(answers=None, **fields):
    version = a_checklist_version()
    answers = answers_to(version) if answers is None else answers
    return a_visit(state=VisitState.IN_PROGRESS, checklist_version=version, answers=answers, **fields)


def submit(visit, **given):
    given = {"visited_on": TODAY, "outcome": VisitOutcome.COMPLETED, "licence_seen": LicenceSeen.VALID} | given
    return hand_in(visit=visit, by=visit.inspector, **given)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"visited_on": TODAY + timedelta(days=1)}, "ahead"),
        ({"outcome": "good"}, "how the visit ended"),
        ({"licence_seen": ""}, "what licence"),
        ({"licence_seen": LicenceSeen.NOT_NEEDED}, "what licence"),
    ],
)
def test_a_visit_is_not_handed_in_half(given, sentence):
    with pytest.raises(Refused, match=sentence):
        submit(in_progress(), **given)


def test_where_no_licence_is_needed_none_can_be_missed():
    facility = a_facility(type=a_facility_type("health_centre", licence_needed=False))
    with pytest.raises(Refused, match="what licence"):
        submit(in_progress(facility=facility), licence_seen=LicenceSeen.NONE)
    assert submit(Visit.objects.get(), licence_seen=LicenceSeen.NOT_NEEDED).state == VisitState.SUBMITTED


def test_only_what_applies_must_be_answered():
    first = {f"S01.0{number}": {"answer": "na" if number == 1 else "yes"} for number in (1, 2, 3)}
    with pytest.raises(Refused, match=r"3 .*“(Question 1|សំណួរ 1)”.*“(Section 2|ផ្នែក 2)”"):
        submit(in_progress(first, services=["surgery"]))
    assert submit(in_progress(first)).state == VisitState.SUBMITTED


@pytest.mark.parametrize("outcome", [VisitOutcome.REFUSED, VisitOutcome.CLOSED_ON_ARRIVAL, VisitOutcome.NOT_FOUND])
def test_a_failed_visit_needs_no_answers_and_moves_nothing(outcome):
    facility = a_facility()
    an_approved_visit(facility, visited_on=TODAY - timedelta(days=90), next_due_on=TODAY)
    failed = {"outcome": outcome, "licence_seen": ""}
    with pytest.raises(Refused, match="what happened"):
        submit(in_progress({}, facility=a_facility()), **failed)
    visit = submit(in_progress({}, facility=facility), **failed, note="The gate stayed shut.")
    visits.approve(visit=visit, by=a_user(Role.APPROVER), at=NOW)
    assert Standing.objects.get().next_due_on == TODAY
    assert not Finding.objects.exists()


def test_nobody_decides_about_an_own_visit_whatever_the_role_has_become():
    visit = submit(in_progress())
    inspector = visit.inspector
    inspector.role = Role.PROVINCIAL_MANAGER
    inspector.save()
    for act in (visits.approve, partial(visits.return_for_correction, reason="x")):
        with pytest.raises(NotPermitted, match="own visit"):
            act(visit=visit, by=inspector, at=NOW)


def test_approval_writes_score_findings_standing_and_one_event():
    version = a_checklist_version()
    answers = answers_to(version, S01__02="partial", S01__03="no") | {"S02.01": {"answer": "no"}}
    answers["S01.03"]["note"] = "No soap."
    visit = submit(a_visit(state=VisitState.IN_PROGRESS, checklist_version=version, answers=answers))
    visits.approve(visit=visit, by=a_user(Role.PROVINCIAL_MANAGER), at=NOW)
    visit.refresh_from_db()
    assert (str(visit.score), visit.band) == ("50.00", "partially_compliant")
    assert visit.section_scores == {"S01": {"observed": "1.5", "maximum": "3"}}
    assert visit.next_due_on == TODAY.replace(month=5, year=2027)
    assert list(visit.findings.order_by("id").values_list("item_code", "clause", "text", "severity", "grid")) == [
        ("S01.02", "§ 1.2", "សំណួរ 2", 2, "D"),
        ("S01.03", "§ 1.3", "No soap.", 2, "D"),
    ]
    standing = Standing.objects.get(facility=visit.facility)
    assert (standing.visit, standing.score, standing.visits_in_band) == (visit, visit.score, 1)
    event = AuditEvent.objects.get(verb="visit.approved")
    assert event.facts["score"] == "50.00"
    assert event.facility_number == visit.facility.number


def test_a_facility_without_any_licence_is_non_compliant_however_well_it_works():
    ruleset = a_ruleset("strict", unlicensed_band="non_compliant")
    visit = submit(in_progress(ruleset=ruleset), licence_seen=LicenceSeen.NONE)
    visits.approve(visit=visit, by=a_user(Role.APPROVER), at=NOW)
    visit.refresh_from_db()
    assert (str(visit.score), visit.band) == ("100.00", "non_compliant")
    assert visit.next_due_on == TODAY.replace(year=2028)


def test_before_a_licence_no_licence_is_held_against_the_facility():
    visit = in_progress(ruleset=a_ruleset("strict", unlicensed_band="non_compliant"), purpose=Purpose.PRE_LICENSING)
    visits.approve(visit=submit(visit, licence_seen=LicenceSeen.NONE), by=a_user(Role.APPROVER), at=NOW)
    visit.refresh_from_db()
    assert (str(visit.score), visit.band) == ("100.00", "fully_compliant")


def test_a_returned_visit_is_corrected_and_handed_in_again():
    visit = submit(in_progress())
    approver = a_user(Role.APPROVER)
    with pytest.raises(Refused, match="reason"):
        visits.return_for_correction(visit=visit, reason=" ", by=approver, at=NOW)
    visit = visits.return_for_correction(visit=visit, reason="S01.01 is wrong", by=approver, at=NOW)
    visits.save_draft(
        visit=visit, answers={"S01.01": {"answer": "no"}}, revision=visit.revision, by=visit.inspector, at=NOW
    )
    visit = submit(Visit.objects.get())
    assert visit.decided_by is None
    visit = visits.approve(visit=visit, by=approver, at=NOW)
    assert str(visit.score) == "66.67"


def test_the_standing_counts_visits_in_the_same_band_and_follows_the_latest_day():
    facility = a_facility(province=a_province())
    days = [TODAY - timedelta(days=days) for days in (30, 300, 200, 0)]
    for day, answer in zip(days, ("no", "yes", "no", "no"), strict=True):
        version = a_checklist_version()
        visit = a_visit(
            facility, state=VisitState.IN_PROGRESS, checklist_version=version, answers=answers_to(version, answer)
        )
        visits.approve(visit=submit(visit, visited_on=day), by=a_user(Role.APPROVER), at=NOW)
    standing = Standing.objects.get()
    assert (standing.last_visit_on, standing.band, standing.visits_in_band) == (TODAY, "non_compliant", 3)


def test_only_administrators_and_approvers_publish_checklists():
    version = a_checklist_version()
    for role in set(Role) - {Role.ADMINISTRATOR, Role.APPROVER}:
        with pytest.raises(NotPermitted):
            rulebook.publish(version=version, by=a_user(role), at=NOW)
    with pytest.raises(Refused, match="published already"):
        rulebook.publish(version=version, by=a_user(Role.ADMINISTRATOR), at=NOW)
    assert Checklist.objects.count() == 1
    assert ChecklistItem.objects.count() == 6
