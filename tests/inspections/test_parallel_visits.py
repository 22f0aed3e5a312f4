"""Many people at once: nothing happens twice, and the last visit decides."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection

from inspections.actions import visits
from inspections.models import Finding, Standing, Visit
from inspections.states import LicenceSeen, VisitState
from registry.accounts.states import Role
from registry.core.errors import Refused
from tests.factories import NOW, TODAY, a_checklist_version, a_facility, a_ruleset, a_user, a_visit, answers_to

pytestmark = pytest.mark.django_db(transaction=True)
THREADS = 6


def together(act):
    """What each of so many threads gets from `act(number)`: what it returns, or the code of its refusal."""
    start = Barrier(THREADS)

    def one(number):
        try:
            start.wait()
            return act(number)
        except Refused as refusal:
            return refusal.code
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(one, range(THREADS)))


def handed_in(facility, **fields):
    version = a_checklist_version()
    return a_visit(
        facility,
        state=VisitState.SUBMITTED,
        checklist_version=version,
        answers=answers_to(version, "no"),
        licence_seen=LicenceSeen.VALID,
        **fields,
    )


def test_one_visit_is_approved_once():
    visit = handed_in(a_facility())
    people = [a_user(Role.APPROVER) for _number in range(THREADS)]
    answers = together(lambda number: visits.approve(visit=visit, by=people[number], at=NOW).state)
    assert sorted(answers) == sorted(["approved", *["wrong_state"] * (THREADS - 1)])
    assert Finding.objects.count() == 3


def test_of_visits_approved_together_the_last_day_decides_and_all_are_counted():
    facility, approver = a_facility(), a_user(Role.APPROVER)
    waiting = [handed_in(facility, visited_on=TODAY - timedelta(days=number)) for number in range(THREADS)]
    together(lambda number: visits.approve(visit=waiting[number], by=approver, at=NOW))
    standing = Standing.objects.get()
    assert (standing.visit, standing.last_visit_on, standing.visits_in_band) == (waiting[0], TODAY, THREADS)


def test_one_visit_is_planned_at_a_time():
    facility, inspector = a_facility(), a_user(Role.INSPECTOR)
    a_ruleset()
    version = a_checklist_version(facility_type=facility.type)
    answers = together(
        lambda number: (
            visits.plan(
                facility=facility,
                inspector=inspector,
                checklist_version=version,
                planned_on=TODAY,
                purpose="routine",
                announced=False,
                by=inspector,
                at=NOW,
            ).state
        )
    )
    assert sorted(answers) == sorted(["planned", *["visit_already_under_way"] * (THREADS - 1)])


def test_windows_that_save_different_items_at_once_all_keep_theirs():
    version = a_checklist_version(items=THREADS)
    visit = a_visit(state=VisitState.IN_PROGRESS, checklist_version=version)
    keys = [key for key in answers_to(version) if key.startswith("S01")]
    together(
        lambda number: (
            visits.save_draft(
                visit=visit, answers={keys[number]: {"answer": "yes"}}, revision=1, by=visit.inspector, at=NOW
            ).revision
        )
    )
    assert Visit.objects.get().answers == {key: {"answer": "yes"} for key in keys}
