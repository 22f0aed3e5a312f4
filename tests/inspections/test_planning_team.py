"""Who can go on a visit, who said so, and what even raw SQL does not get past."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from inspections import policies
from inspections.actions import visits
from inspections.models import Competence, Visit, VisitMember
from inspections.reports import steps_open_to
from inspections.reports.planning import candidates
from inspections.states import Purpose, VisitState
from registry.accounts.states import Role
from registry.actions import interests
from registry.audit.models import AuditEvent
from registry.core.errors import NotPermitted, Refused
from registry.models import Interest
from tests.factories import (
    NOW,
    TODAY,
    a_checklist_version,
    a_facility,
    a_facility_type,
    a_ruleset,
    a_user,
    a_visit,
    an_operator,
    another_province,
)
from tests.inspections.test_parallel_visits import together

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def manager():
    return a_user(Role.PROVINCIAL_MANAGER)


@pytest.fixture
def lead():
    return a_user(Role.INSPECTOR)


@pytest.fixture
def colleague():
    return a_user(Role.INSPECTOR)


@pytest.fixture
def version():
    a_ruleset()
    return a_checklist_version()


def planned(by, version, facility=None, **given):
    given = {"inspector": None, "planned_on": TODAY + DAY, "purpose": Purpose.ROUTINE} | given
    return visits.plan(facility=facility or a_facility(), checklist_version=version, by=by, at=NOW, **given)


def team(visit):
    return {(member.person, tuple(member.sections)) for member in visit.members.all()}


def trained(person, version, *, until=TODAY + 30 * DAY):
    return Competence.objects.create(
        person=person,
        checklist=version.checklist,
        valid_from=TODAY - 30 * DAY,
        valid_until=until,
        basis="A diploma",
        recorded_at=NOW,
    )


def ask_for_training(version):
    version.checklist.training_needed = True
    version.checklist.save()


def test_a_plan_has_a_lead_others_and_sections_of_their_own(manager, lead, colleague, version):
    visit = planned(manager, version, inspector=lead, members={colleague: ["S01"]})
    assert visit.inspector == lead
    assert team(visit) == {(lead, ()), (colleague, ("S01",))}
    assert AuditEvent.objects.get().facts["team"] == sorted([lead.username, colleague.username])


def test_planning_a_routine_visit_takes_over_the_one_that_waits(manager, lead, version):
    waiting = a_visit(inspector=None, checklist_version=version, planned_on=TODAY + 300 * DAY)
    visit = planned(manager, version, waiting.facility, inspector=lead, announced=True)
    assert (visit, visit.planned_on, visit.announced) == (waiting, TODAY + DAY, True)
    assert team(visit) == {(lead, ())}
    with pytest.raises(Refused, match="already planned"):
        planned(manager, version, waiting.facility, inspector=lead)
    assert planned(manager, version, waiting.facility, inspector=lead, purpose=Purpose.COMPLAINT) != visit


def test_a_routine_visit_has_a_lead_and_the_ministry_asks_only(manager, version):
    with pytest.raises(Refused, match="who leads"):
        planned(manager, version)
    asked = planned(a_user(Role.LICENSING_OFFICER), version, purpose=Purpose.PRE_LICENSING)
    assert (asked.inspector, asked.members.count()) == (None, 0)
    with pytest.raises(NotPermitted):
        planned(a_user(Role.APPROVER), version, inspector=a_user(Role.INSPECTOR))


@pytest.mark.parametrize("purpose", [Purpose.BACK_CHECK, Purpose.REINSPECTION, Purpose.CAMPAIGN])
def test_a_purpose_with_a_way_of_its_own_is_not_simply_planned(manager, lead, version, purpose):
    with pytest.raises(Refused):
        planned(manager, version, inspector=lead, purpose=purpose)


def test_a_checklist_is_for_the_types_it_names(manager, lead, version):
    pharmacy = a_facility(type=a_facility_type("pharmacy"))
    with pytest.raises(Refused, match="not for facilities of this type"):
        planned(manager, version, pharmacy, inspector=lead)


def test_an_inspector_goes_alone_and_takes_what_nobody_has(lead, colleague, version):
    with pytest.raises(NotPermitted):
        planned(lead, version, inspector=lead, members={colleague: ()})
    visit = a_visit(inspector=None, checklist_version=version)
    assert visits.assign(visit=visit, lead=lead, by=lead, at=NOW).inspector == lead
    with pytest.raises(NotPermitted):
        visits.assign(visit=visit, lead=colleague, by=colleague, at=NOW)


def test_a_new_team_keeps_the_statements_of_those_who_stay(manager, lead, colleague, version):
    visit = planned(manager, version, inspector=lead, members={colleague: ()})
    for person in (lead, colleague):
        visits.state_no_interest(visit=visit, by=person, at=NOW)
    newcomer = a_user(Role.INSPECTOR)
    visit = visits.assign(
        visit=visit, lead=colleague, members={newcomer: ["S02"]}, planned_on=TODAY + 9 * DAY, by=manager, at=NOW
    )
    assert visit.planned_on == TODAY + 9 * DAY
    assert dict(visit.members.values_list("person", "stated_at")) == {colleague.pk: NOW, newcomer.pk: None}


@pytest.mark.parametrize("state", [VisitState.SUBMITTED, VisitState.CANCELLED])
def test_the_team_of_what_is_handed_in_or_called_off_stays(manager, lead, colleague, state):
    visit = a_visit(state=state, inspector=lead)
    with pytest.raises(Refused, match="team stays"):
        visits.assign(visit=visit, lead=colleague, by=manager, at=NOW)


def test_sections_that_are_not_in_the_checklist_belong_to_nobody(manager, lead, version):
    with pytest.raises(Refused, match="S99"):
        planned(manager, version, inspector=lead, members={lead: ["S99"]})


def test_who_has_an_interest_in_the_facility_or_its_operator_does_not_go(manager, lead, version):
    operator = an_operator()
    facility, sister = a_facility(operator=operator), a_facility(operator=operator)
    interest = interests.declare(person=lead, operator=operator, nature="A brother's company", by=lead, at=NOW)
    for site in (facility, sister):
        with pytest.raises(Refused, match="declared an interest"):
            planned(manager, version, site, inspector=lead)
    interests.end(interest=interest, reason="Sold", by=lead, at=NOW)
    assert planned(manager, version, facility, inspector=lead).inspector == lead


def test_who_is_not_trained_on_that_day_does_not_go(manager, lead, version):
    ask_for_training(version)
    with pytest.raises(Refused, match="not trained"):
        planned(manager, version, inspector=lead)
    trained(lead, version, until=TODAY + DAY)
    assert planned(manager, version, inspector=lead).inspector == lead
    with pytest.raises(Refused, match="not trained"):
        planned(manager, version, inspector=lead, planned_on=TODAY + 2 * DAY)


def test_nobody_begins_or_fills_without_a_statement(manager, lead, colleague, version):
    visit = planned(manager, version, inspector=lead, members={colleague: ()}, planned_on=TODAY)
    assert steps_open_to(lead, visit) == ["statement", "cancel"]
    with pytest.raises(Refused, match="no interest"):
        visits.start(visit=visit, by=lead, at=NOW)
    visits.state_no_interest(visit=visit, by=lead, at=NOW)
    assert "start" in steps_open_to(lead, Visit.objects.get())
    visit = visits.start(visit=visit, by=lead, at=NOW)
    with pytest.raises(Refused, match="no interest"):
        policies.check_has_stated(visit, colleague)
    visits.state_no_interest(visit=visit, by=colleague, at=NOW)
    policies.check_has_stated(Visit.objects.get(), colleague)
    with pytest.raises(NotPermitted):
        visits.state_no_interest(visit=visit, by=a_user(Role.INSPECTOR), at=NOW)


def test_whoever_declares_an_interest_leaves_every_team_there(
    manager, lead, colleague, version, django_capture_on_commit_callbacks
):
    facility = a_facility()
    visit = planned(manager, version, facility, inspector=lead, members={colleague: ()})
    other = planned(manager, version, facility, inspector=colleague, members={lead: ()}, purpose=Purpose.COMPLAINT)
    with django_capture_on_commit_callbacks(execute=True):
        visits.declare_interest(visit=visit, nature="My wife works there", by=lead, at=NOW)
    visit.refresh_from_db()
    assert (visit.inspector, team(visit)) == (None, {(colleague, ())})
    assert team(other) == {(colleague, ())}
    assert Interest.objects.get().person == lead
    with pytest.raises(Refused, match="declared an interest"):
        visits.assign(visit=visit, lead=lead, by=manager, at=NOW)


def test_an_interest_declared_elsewhere_ends_the_membership_too(
    manager, lead, version, django_capture_on_commit_callbacks
):
    facility = a_facility()
    visit = planned(manager, version, facility, inspector=lead)
    with django_capture_on_commit_callbacks(execute=True):
        interests.declare(person=lead, facility=facility, nature="Shares", by=lead, at=NOW)
    visit.refresh_from_db()
    assert (visit.inspector, visit.members.count()) == (None, 0)


def test_everyone_declares_for_oneself_and_managers_for_their_people(manager, lead, colleague):
    facility, stranger = a_facility(), a_user(Role.INSPECTOR, province=another_province())
    with pytest.raises(NotPermitted):
        interests.declare(person=lead, facility=facility, nature="Shares", by=colleague, at=NOW)
    with pytest.raises(NotPermitted):
        interests.declare(person=stranger, facility=facility, nature="Shares", by=manager, at=NOW)
    interest = interests.declare(person=lead, facility=facility, nature="Shares", by=manager, at=NOW)
    with pytest.raises(Refused, match="declared already"):
        interests.declare(person=lead, facility=facility, nature="Shares", by=lead, at=NOW)
    with pytest.raises(Refused, match="reason"):
        interests.end(interest=interest, reason=" ", by=lead, at=NOW)
    assert list(Interest.objects.visible_to(colleague)) == []
    assert list(Interest.objects.visible_to(manager)) == [interest] == list(Interest.objects.visible_to(lead))


def test_candidates_are_shown_with_their_work_and_why_they_cannot_go(
    manager, lead, colleague, version, django_assert_num_queries
):
    facility = a_facility()
    a_user(Role.INSPECTOR, province=another_province())
    Interest.objects.create(person=colleague, facility=facility, nature="Shares", declared_on=TODAY)
    planned(manager, version, inspector=lead, planned_on=TODAY + DAY)
    planned(manager, version, inspector=lead, planned_on=TODAY + 40 * DAY)
    with django_assert_num_queries(5):
        found = {candidate.person: candidate for candidate in candidates(facility, version, TODAY + DAY)}
    assert found.keys() == {lead, colleague}
    assert (found[lead].open_visits, found[lead].that_week, found[lead].that_month) == (2, 1, 1)
    assert found[lead].why_not == ""
    assert "declared an interest" in found[colleague].why_not


def insert_member(visit, person):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO inspections_visitmember (visit_id, person_id, sections) VALUES (%s, %s, '[]')",
            [visit.pk, person.pk],
        )


def refused(match, act, *arguments):
    with pytest.raises(IntegrityError, match=match), transaction.atomic():
        act(*arguments)


def test_the_database_keeps_the_unfit_out_of_a_team(version):
    visit, person = a_visit(inspector=None, checklist_version=version), a_user(Role.INSPECTOR)
    refused("another province", insert_member, visit, a_user(Role.INSPECTOR, province=another_province()))
    ask_for_training(version)
    refused("not trained", insert_member, visit, person)
    trained(person, version, until=TODAY - DAY)
    refused("not trained", insert_member, visit, person)
    trained(person, version)
    interest = Interest.objects.create(person=person, facility=visit.facility, nature="Shares", declared_on=TODAY)
    refused("an interest", insert_member, visit, person)
    interest.ended_on = TODAY
    interest.save()
    insert_member(visit, person)
    refused("once", insert_member, visit, person)
    refused("not trained", move_member, a_user(Role.INSPECTOR))


def move_member(person):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE inspections_visitmember SET person_id = %s", [person.pk])


def test_the_database_lets_nobody_of_the_team_decide(version):
    member = a_user(Role.INSPECTOR)
    visit = a_visit(state=VisitState.IN_PROGRESS, checklist_version=version)
    VisitMember.objects.create(visit=visit, person=member)

    def decide():
        with connection.cursor() as cursor:
            cursor.execute("UPDATE inspections_visit SET decided_by_id = %s", [member.pk])

    refused("in the team", decide)
    Visit.objects.update(decided_by=a_user(Role.APPROVER))
    former = a_user(Role.INSPECTOR)
    other = a_visit(state=VisitState.RETURNED, checklist_version=version, decided_by=former, decided_at=NOW)
    refused("has decided", insert_member, other, former)


@pytest.mark.django_db(transaction=True)
def test_of_many_who_take_a_visit_at_once_one_gets_it():
    a_ruleset()
    visit = a_visit(inspector=None)
    people = [a_user(Role.INSPECTOR) for _number in range(6)]

    def take(number):
        try:
            return visits.assign(visit=visit, lead=people[number], by=people[number], at=NOW).inspector
        except NotPermitted as refusal:
            return refusal.code

    answers = together(take)
    assert answers.count("not_manager") == len(people) - 1
    visit.refresh_from_db()
    assert team(visit) == {(visit.inspector, ())}
