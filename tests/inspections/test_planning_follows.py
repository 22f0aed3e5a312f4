"""The next visit is planned once, never twice, and goes with the facility."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from inspections import sweeps
from inspections.actions import visits
from inspections.actions.visits import Followed
from inspections.models import Standing, Visit
from inspections.states import LicenceSeen, Purpose, VisitOutcome, VisitState
from portal.schedule import SCHEDULE
from registry.accounts.states import Role
from registry.actions import facilities
from registry.audit.models import AuditEvent
from registry.models import Facility
from registry.states import OperationalStatus
from tests.factories import (
    NOW,
    TODAY,
    a_checklist_version,
    a_facility,
    a_facility_type,
    a_ruleset,
    a_user,
    a_visit,
    an_approved_visit,
    answers_to,
)
from tests.inspections.test_parallel_visits import THREADS, together

DAY = timedelta(days=1)
SOON = TODAY + 90 * DAY


def a_visited_facility(next_due_on=SOON, **fields):
    facility = a_facility(**fields)
    an_approved_visit(facility, visited_on=TODAY - 100 * DAY, next_due_on=next_due_on)
    return facility


@pytest.fixture
def version(db):
    a_ruleset()
    return a_checklist_version(facility_type=a_facility_type())


@pytest.mark.django_db
def test_the_next_visit_is_planned_once_for_nobody_yet_on_the_day_of_the_standing(version):
    facility = a_visited_facility()
    assert visits.plan_next(facility_ids=[facility.pk], at=NOW) == Followed(planned=1)
    assert visits.plan_next(facility_ids=[facility.pk], at=NOW) == Followed()
    planned = Visit.objects.get(state=VisitState.PLANNED)
    assert (planned.planned_on, planned.purpose, planned.inspector) == (SOON, Purpose.ROUTINE, None)
    assert (planned.checklist_version, planned.ruleset.code) == (version, "test")
    event = AuditEvent.objects.get(verb="visit.planned")
    assert (event.subject_number, event.facts["planned_on"]) == (planned.number, SOON.isoformat())


@pytest.mark.django_db
def test_an_overdue_one_is_planned_for_today_and_stays_there_the_next_night(version):
    facility = a_visited_facility(next_due_on=TODAY - 5 * DAY)
    sweeps.plan_visits(at=NOW)
    assert sweeps.plan_visits(at=NOW + DAY) == Followed()
    assert Visit.objects.get(facility=facility, state=VisitState.PLANNED).planned_on == TODAY


@pytest.mark.django_db
def test_it_moves_with_the_standing_until_somebody_takes_it(version):
    facility = a_visited_facility()
    visits.plan_next(facility_ids=[facility.pk], at=NOW)
    an_approved_visit(facility, visited_on=TODAY, next_due_on=TODAY + 700 * DAY)
    assert visits.plan_next(facility_ids=[facility.pk], at=NOW) == Followed(moved=1)
    planned = Visit.objects.get(state=VisitState.PLANNED)
    assert planned.planned_on == TODAY + 700 * DAY
    planned.inspector = a_user(Role.INSPECTOR)
    planned.save()
    an_approved_visit(facility, visited_on=TODAY, next_due_on=SOON)
    assert visits.plan_next(facility_ids=[facility.pk], at=NOW) == Followed()


@pytest.mark.django_db
@pytest.mark.parametrize("state", [VisitState.IN_PROGRESS, VisitState.SUBMITTED, VisitState.RETURNED])
def test_none_is_planned_while_a_routine_visit_is_under_way(version, state):
    facility = a_visited_facility()
    a_visit(facility, state=state, checklist_version=version)
    assert visits.plan_next(facility_ids=[facility.pk], at=NOW) == Followed()


@pytest.mark.django_db
def test_one_with_another_purpose_changes_nothing(version):
    facility = a_visited_facility()
    a_visit(facility, purpose=Purpose.COMPLAINT, checklist_version=version)
    assert visits.plan_next(facility_ids=[facility.pk], at=NOW) == Followed(planned=1)


@pytest.mark.django_db
def test_without_a_checklist_for_its_type_or_a_standing_nothing_is_planned(version):
    never_visited = a_facility()
    without_checklist = a_visited_facility(type=a_facility_type("pharmacy"))
    ids = [never_visited.pk, without_checklist.pk]
    assert visits.plan_next(facility_ids=ids, at=NOW) == Followed() == sweeps.plan_visits(at=NOW)


@pytest.mark.django_db
def test_closing_cancels_every_planned_visit_with_a_reason_and_reopening_plans_again(
    version, django_capture_on_commit_callbacks
):
    facility, officer = a_visited_facility(), a_user(Role.LICENSING_OFFICER)
    visits.plan_next(facility_ids=[facility.pk], at=NOW)
    a_visit(facility, purpose=Purpose.COMPLAINT, checklist_version=version)

    def change(status, days):
        with django_capture_on_commit_callbacks(execute=True):
            facilities.change_status(
                facility=facility,
                status=status,
                effective_on=TODAY - days * DAY,
                reason="By letter",
                by=officer,
                at=NOW,
            )

    change(OperationalStatus.CLOSED, 2)
    assert set(Visit.objects.filter(source="").values_list("state", "reason")) == {
        (VisitState.CANCELLED, "The facility is closed.")
    }
    assert AuditEvent.objects.filter(verb="visit.cancelled", facility_number=facility.number).count() == 2
    change(OperationalStatus.OPERATING, 1)
    assert Visit.objects.filter(state=VisitState.PLANNED).count() == 1


@pytest.mark.django_db
def test_the_night_catches_what_was_missed_batch_by_batch(version, monkeypatch, django_assert_max_num_queries):
    monkeypatch.setattr(sweeps, "BATCH", 2)
    waiting = [a_visited_facility() for _number in range(3)]
    closed = a_visited_facility()
    visits.plan_next(facility_ids=[closed.pk], at=NOW)
    Facility.objects.filter(pk=closed.pk).update(operational_status=OperationalStatus.CLOSED)
    assert sweeps.plan_visits(at=NOW) == Followed(planned=len(waiting), cancelled=1)
    with django_assert_max_num_queries(3):
        assert sweeps.plan_visits(at=NOW) == Followed()


@pytest.mark.django_db
def test_many_facilities_cost_as_few_queries_as_one(version, django_assert_max_num_queries):
    found = [a_visited_facility() for _number in range(20)]
    with django_assert_max_num_queries(16):
        visits.plan_next(facility_ids=[facility.pk for facility in found], at=NOW)


@pytest.mark.django_db(transaction=True)
def test_many_at_once_plan_one_visit_each():
    a_ruleset()
    a_checklist_version(facility_type=a_facility_type())
    found = [a_visited_facility() for _number in range(5)]
    answers = together(lambda _number: sweeps.plan_visits(at=NOW).planned)
    assert sum(answers) == len(found)
    assert Visit.objects.filter(state=VisitState.PLANNED).count() == len(found)


@pytest.mark.django_db(transaction=True)
def test_a_person_and_the_night_at_once_leave_one_visit():
    a_ruleset()
    version = a_checklist_version(facility_type=a_facility_type())
    facility, inspector = a_visited_facility(), a_user(Role.INSPECTOR)

    def act(number):
        if number % 2:
            return visits.plan_next(facility_ids=[facility.pk], at=NOW)
        return visits.plan(
            facility=facility,
            inspector=inspector,
            checklist_version=version,
            planned_on=TODAY,
            purpose=Purpose.ROUTINE,
            by=inspector,
            at=NOW,
        ).state

    answers = together(act)
    assert answers.count("planned") == 1
    assert answers.count("visit_already_under_way") == THREADS // 2 - 1
    planned = Visit.objects.get(state=VisitState.PLANNED)
    assert (planned.inspector, planned.planned_on) == (inspector, TODAY)


@pytest.mark.django_db
def test_killed_half_way_nothing_is_half_done(version, monkeypatch):
    facility = a_visited_facility()

    def fail(*_arguments, **_options):
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr(AuditEvent.objects, "bulk_create", fail)
        with pytest.raises(RuntimeError):
            visits.plan_next(facility_ids=[facility.pk], at=NOW)
    assert not Visit.objects.filter(state=VisitState.PLANNED).exists()
    assert sweeps.plan_visits(at=NOW) == Followed(planned=1)


@pytest.mark.django_db
def test_the_database_refuses_a_second_planned_visit(version):
    facility = a_visited_facility()
    visits.plan_next(facility_ids=[facility.pk], at=NOW)
    with pytest.raises(IntegrityError, match="one_planned_visit"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO inspections_visit SELECT (jsonb_populate_record(v, jsonb_build_object("
            "'id', nextval(pg_get_serial_sequence('inspections_visit', 'id')), 'uuid', gen_random_uuid()))).* "
            "FROM inspections_visit v WHERE state = 'planned'"
        )


def test_the_night_is_on_the_schedule():
    assert SCHEDULE["nightly-planning-of-visits"]["task"] == "inspections.tasks.plan_visits_tonight"


@pytest.mark.django_db
def test_standings_stay_as_they_are(version):
    facility = a_visited_facility()
    before = Standing.objects.values().get(facility=facility)
    sweeps.plan_visits(at=NOW)
    assert Standing.objects.values().get(facility=facility) == before


@pytest.mark.django_db
def test_approval_plans_the_next_visit_and_a_failed_one_leaves_what_is_planned(version):
    facility, approver = a_facility(), a_user(Role.APPROVER)
    handed_in = a_visit(
        facility,
        state=VisitState.SUBMITTED,
        checklist_version=version,
        answers=answers_to(version),
        licence_seen=LicenceSeen.VALID,
    )
    visits.approve(visit=handed_in, by=approver, at=NOW)
    planned = Visit.objects.get(state=VisitState.PLANNED)
    assert planned.planned_on == Standing.objects.get().next_due_on
    refused = a_visit(facility, state=VisitState.SUBMITTED, checklist_version=version, outcome=VisitOutcome.REFUSED)
    visits.approve(visit=refused, by=approver, at=NOW)
    assert Visit.objects.get(state=VisitState.PLANNED) == planned
