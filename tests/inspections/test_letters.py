"""Who hears of visits and campaigns."""

from datetime import timedelta

import pytest

from inspections.actions import letters, visits
from inspections.models import Visit
from inspections.states import Purpose, VisitOutcome, VisitState
from registry.accounts.states import Role
from registry.outbox.models import Message
from tests.factories import (
    NOW,
    TODAY,
    a_checklist_version,
    a_facility,
    a_ruleset,
    a_user,
    a_visit,
    another_province,
    hand_in,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager():
    return a_user(Role.PROVINCIAL_MANAGER)


@pytest.fixture
def inspector():
    return a_user(Role.INSPECTOR)


def told(kind: str) -> list[str]:
    return sorted(Message.objects.filter(kind=kind).values_list("person__username", flat=True))


def names(*people) -> list[str]:
    return sorted(person.username for person in people)


def test_whoever_is_new_in_a_team_is_told_and_who_stays_is_not(manager, inspector):
    a_ruleset()
    colleague, facility = a_user(Role.INSPECTOR), a_facility()
    version = a_checklist_version(facility_type=facility.type)
    visit = visits.plan(
        facility=facility,
        inspector=inspector,
        checklist_version=version,
        planned_on=TODAY + timedelta(days=3),
        purpose=Purpose.EXTRAORDINARY,
        by=manager,
        at=NOW,
    )
    assert told("visit.assigned") == names(inspector)
    visits.assign(visit=visit, lead=inspector, members={colleague: ()}, by=manager, at=NOW + timedelta(hours=1))
    assert told("visit.assigned") == names(inspector, colleague)
    visits.assign(visit=visit, lead=inspector, by=manager, at=NOW + timedelta(hours=2))
    visits.assign(visit=visit, lead=inspector, members={colleague: ()}, by=manager, at=NOW + timedelta(hours=3))
    assert told("visit.assigned") == names(inspector, colleague, colleague)
    assert Message.objects.filter(person=colleague).first().link == f"/visits/{visit.uuid}/"


def test_a_visit_without_a_team_tells_the_managers_of_its_province(manager):
    a_ruleset()
    a_user(Role.PROVINCIAL_MANAGER, province=another_province())
    facility = a_facility()
    visits.plan(
        facility=facility,
        inspector=None,
        checklist_version=a_checklist_version(facility_type=facility.type),
        planned_on=TODAY + timedelta(days=3),
        purpose=Purpose.PRE_LICENSING,
        by=a_user(Role.LICENSING_OFFICER),
        at=NOW,
    )
    assert told("visit.requested") == names(manager)


def test_a_visit_handed_in_tells_the_managers_of_its_province_each_time(manager, inspector):
    a_user(Role.PROVINCIAL_MANAGER, province=another_province())
    a_user(Role.PROVINCIAL_MANAGER, is_active=False)
    visit = a_visit(inspector=inspector, state=VisitState.IN_PROGRESS)
    conclusion = {"visited_on": TODAY, "outcome": VisitOutcome.REFUSED, "note": "Nobody opened."}
    hand_in(visit=visit, by=inspector, **conclusion)
    assert told("visit.submitted") == names(manager)
    visits.return_for_correction(visit=visit, reason="Which door?", by=manager, at=NOW)
    message = Message.objects.get(kind="visit.returned")
    assert (message.person, message.context["reason"]) == (inspector, "Which door?")
    hand_in(visit=Visit.objects.get(pk=visit.pk), by=inspector, **conclusion)
    assert told("visit.submitted") == names(manager, manager)
    visits.approve(visit=visit, by=manager, at=NOW)
    assert told("visit.approved") == names(inspector)


def test_nobody_is_told_of_what_one_does_oneself(inspector):
    visit = a_visit(inspector=inspector)
    letters.chosen(visit, [inspector], by=inspector, at=NOW)
    assert not Message.objects.exists()
