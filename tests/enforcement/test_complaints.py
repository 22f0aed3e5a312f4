"""Complaints: who may do what when, who learns who complained, and who is told."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import AnonymousUser

from enforcement.actions import complaints
from enforcement.models import Complaint, ComplaintContact
from enforcement.states import (
    COMPLAINT_TRANSITIONS,
    ComplaintKind,
    ComplaintMessageKind,
    ComplaintState,
)
from inspections.states import Purpose, VisitState
from registry.accounts.states import Role
from registry.audit.models import AuditEvent
from registry.core import tracking
from registry.core.errors import NotPermitted, Refused
from registry.models import Facility, Interest, PublicHoliday
from registry.outbox.models import Letter, Message
from registry.states import OperationalStatus
from tests.factories import (
    NOW,
    TODAY,
    a_checklist_version,
    a_facility,
    a_facility_type,
    a_province,
    a_ruleset,
    a_user,
    an_operator,
    another_province,
)
from tests.factories_complaints import a_code, a_complaint, in_state

pytestmark = pytest.mark.django_db
PLACE = "Behind the market of Poipet, a blue door"


@pytest.fixture
def officer():
    return a_user(Role.ENFORCEMENT_OFFICER)


def refused(act: Any, **named: Any) -> str:
    with pytest.raises((Refused, NotPermitted)) as refusal:
        act(**named)
    return refusal.value.code


def test_a_code_is_eighty_bits_in_groups_and_understood_however_it_is_typed():
    code = tracking.code_of(bytes(range(250, 256)) + bytes(4))
    assert len(code) == 16 and set(code) <= set(tracking.CROCKFORD)
    assert tracking.understood(tracking.in_groups(code).lower()) == code
    assert tracking.understood("ilo0-៨888-8888-8888") == "1100888888888888"
    assert tracking.understood("too short") == ""


def test_a_complaint_that_is_sent_twice_comes_in_once():
    code = a_code()
    first, is_new = complaints.receive(code=code, kind="harm", text="He fell.", place=PLACE, at=NOW)
    second, again = complaints.receive(code=code, kind="harm", text="He fell.", place=PLACE, at=NOW)
    assert (first, is_new, again) == (second, True, False)
    assert AuditEvent.objects.filter(verb="complaint.received").count() == 1
    assert code not in str(Complaint.objects.values().get())


@pytest.mark.parametrize(("kind", "days"), [(ComplaintKind.HARM, 2), (ComplaintKind.PRICE, 10)])
def test_it_is_to_be_looked_into_within_2_or_10_working_days(officer, kind, days):
    friday = datetime(2026, 11, 20, 3, 0, tzinfo=NOW.tzinfo)
    PublicHoliday.objects.create(day=date(2026, 11, 23), name_km="បុណ្យ", name_en="Festival", source="test")
    due = {2: date(2026, 11, 25), 10: date(2026, 12, 7)}
    complaint = a_complaint(kind=kind, at=friday)
    assert complaint.due_on == due[days]
    other = 12 - days
    ranked = complaints.triage(complaint=complaint, urgent=other == 2, by=officer, at=friday + timedelta(days=1))
    assert ranked.due_on == due[other]


def test_what_nobody_looks_into_in_time_is_overdue_until_somebody_does(officer):
    complaint = in_state(ComplaintState.ASSIGNED, by=officer)
    late = complaint.due_on + timedelta(days=1)
    assert not Complaint.objects.all().overdue(complaint.due_on).exists()
    assert Complaint.objects.all().overdue(late).get() == complaint
    complaints.investigate(complaint=complaint, note="Asked the ward.", by=officer, at=NOW)
    assert not Complaint.objects.all().overdue(late).exists()


ACTS = {
    "triage": ({ComplaintState.RECEIVED}, {"urgent": True}),
    "assign": ({ComplaintState.TRIAGED, ComplaintState.ASSIGNED, ComplaintState.INVESTIGATING}, {}),
    "investigate": ({ComplaintState.ASSIGNED}, {"note": "By telephone."}),
    "answer": ({ComplaintState.ASSIGNED, ComplaintState.INVESTIGATING}, {"text": "Thank you."}),
    "close": ({ComplaintState.ANSWERED}, {}),
    "reopen": ({ComplaintState.ANSWERED}, {"text": "More has come to light."}),
    "reject": ({ComplaintState.RECEIVED, ComplaintState.TRIAGED, ComplaintState.ASSIGNED}, {"text": "Not ours."}),
    "note": ({*ComplaintState} - {ComplaintState.CLOSED, ComplaintState.REJECTED}, {"text": "Remember."}),
    "reply": ({*ComplaintState} - {ComplaintState.CLOSED, ComplaintState.REJECTED}, {"text": "Which day?"}),
}


@pytest.mark.parametrize("state", ComplaintState)
@pytest.mark.parametrize("verb", ACTS)
def test_each_step_is_taken_from_its_own_states_only(officer, verb, state):
    complaint = in_state(state, by=officer)
    allowed, named = ACTS[verb]
    act = getattr(complaints, verb)
    if verb == "assign":
        named = {"handler": officer}
    if state in allowed:
        after = act(complaint=complaint, **named, by=officer, at=NOW)
        assert after.state == state or after.state in COMPLAINT_TRANSITIONS[state]
    else:
        with pytest.raises(Refused):
            act(complaint=complaint, **named, by=officer, at=NOW)
        assert Complaint.objects.get(pk=complaint.pk).state == state


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.ENFORCEMENT_OFFICER}))
def test_only_officers_and_the_managers_of_its_province_handle_a_complaint(role):
    complaint = a_complaint()
    person = a_user(role)
    if role == Role.PROVINCIAL_MANAGER:
        assert complaints.triage(complaint=complaint, urgent=False, by=person, at=NOW)
        person = a_user(role, province=another_province())
    for verb in ("note", "reject", "reply"):
        code = refused(getattr(complaints, verb), complaint=complaint, text="-", by=person, at=NOW)
        assert code == "not_a_handler_of_complaints"


def test_what_is_given_to_one_is_not_answered_by_another(officer):
    complaint = in_state(ComplaintState.ASSIGNED, by=officer)
    other = a_user(Role.ENFORCEMENT_OFFICER)
    assert refused(complaints.answer, complaint=complaint, text="Done.", by=other, at=NOW) == "handled_by_another"
    complaints.assign(complaint=complaint, handler=other, by=other, at=NOW)
    assert complaints.answer(complaint=complaint, text="Done.", by=other, at=NOW).state == ComplaintState.ANSWERED


def test_nobody_handles_a_complaint_about_a_facility_in_which_they_have_an_interest(officer):
    facility = a_facility(operator=an_operator())
    complaint = a_complaint(facility=facility)
    Interest.objects.create(person=officer, operator=facility.operator, nature="Brother", declared_on=TODAY)
    assert refused(complaints.triage, complaint=complaint, urgent=True, by=officer, at=NOW) == "has_an_interest"
    other = a_user(Role.ENFORCEMENT_OFFICER)
    complaints.triage(complaint=complaint, urgent=True, by=other, at=NOW)
    assert refused(complaints.assign, complaint=complaint, handler=officer, by=other, at=NOW) == "has_an_interest"


@pytest.mark.parametrize("role", [*Role, None])
def test_complaints_are_seen_by_few_and_those_of_a_province_by_its_manager(role):
    here, there = a_complaint(), a_complaint(facility=a_facility(province=another_province()))
    nowhere = a_complaint(place=PLACE)
    person = a_user(role) if role else AnonymousUser()
    seen = set(Complaint.objects.visible_to(person))
    expected = {
        Role.ENFORCEMENT_OFFICER: {here, there, nowhere},
        Role.APPROVER: {here, there, nowhere},
        Role.AUDITOR: {here, there, nowhere},
        Role.PROVINCIAL_MANAGER: {here},
    }
    assert seen == expected.get(role, set())


@pytest.mark.parametrize("role", Role)
def test_who_complained_is_read_by_the_handling_officer_alone_and_each_look_is_on_record(role):
    officer = a_user(Role.ENFORCEMENT_OFFICER)
    complaint = in_state(ComplaintState.ASSIGNED, by=officer, phone="012 345 678", email="sok@example.org")
    other = a_user(role)
    assert not ComplaintContact.objects.visible_to(other).exists()
    assert refused(complaints.read_contact, complaint=complaint, by=other, at=NOW) == "identity_protected"
    for looks in (1, 2):
        assert complaints.read_contact(complaint=complaint, by=officer, at=NOW).phone == "012 345 678"
        assert AuditEvent.objects.filter(verb="complaint.contact_read", by_username=officer.username).count() == looks


def test_neither_text_nor_contact_of_a_complaint_goes_into_the_audit_trail_or_a_letter_to_the_staff(officer):
    complaint = in_state(ComplaintState.CLOSED, by=officer, text="SECRET", phone="SECRET", email="secret@example.org")
    for event in AuditEvent.objects.filter(subject_kind="enforcement.complaint").values():
        assert "secret" not in str(event).lower()
    for letter in [*Message.objects.values(), *Letter.objects.exclude(person=None).values()]:
        assert "secret" not in str(letter).lower()
    assert complaint.facility is not None


def test_the_province_and_the_officers_are_told_and_the_complainant_learns_of_the_answer(officer, settings):
    settings.PUBLIC_URL = "https://register.example"
    manager = a_user(Role.PROVINCIAL_MANAGER)
    a_user(Role.PROVINCIAL_MANAGER, province=another_province())
    complaint = a_complaint(email="sok@example.org")
    assert set(Message.objects.values_list("person", flat=True)) == {officer.pk, manager.pk}
    complaints.triage(complaint=complaint, urgent=False, by=manager, at=NOW)
    complaints.assign(complaint=complaint, by=manager, at=NOW)
    assert Message.objects.filter(kind="complaint.assigned").get().person == manager
    complaints.answer(complaint=complaint, text="The owner was fined.", by=manager, at=NOW)
    letter = Letter.objects.get(address="sok@example.org")
    assert "fined" not in letter.text and "/complaints/status/" in letter.text


def test_whoever_complained_adds_something_and_the_same_twice_is_one_message(officer):
    complaint = in_state(ComplaintState.ASSIGNED, by=officer)
    for _time in (1, 2):
        complaints.add(complaint=complaint, text=" It happened again. ", at=NOW)
    assert complaint.messages.filter(kind=ComplaintMessageKind.COMPLAINANT).get().text == "It happened again."
    assert Message.objects.filter(kind="complaint.message_added").get().person == officer
    closed = in_state(ComplaintState.CLOSED, by=officer)
    assert refused(complaints.add, complaint=closed, text="And?", at=NOW) == "complaint_closed"


def test_joined_complaints_get_the_same_answer_also_when_the_leading_one_is_joined_itself(officer):
    first, second, third = (a_complaint(email=f"{name}@example.org") for name in ("a", "b", "c"))
    complaints.merge(complaint=first, leading=second, by=officer, at=NOW)
    complaints.merge(complaint=second, leading=third, by=officer, at=NOW)
    assert set(third.duplicates.all()) == {first, second}
    complaints.add(complaint=first, text="Still so.", at=NOW)
    third = complaints.triage(complaint=third, urgent=True, by=officer, at=NOW)
    third = complaints.assign(complaint=third, handler=officer, by=officer, at=NOW)
    complaints.answer(complaint=third, text="It is closed.", by=officer, at=NOW)
    for complaint in (first, second, third):
        assert complaint.messages.get(kind=ComplaintMessageKind.ANSWER).text == "It is closed."
    assert Letter.objects.filter(kind="complaint.news").count() == 3
    assert refused(complaints.merge, complaint=third, leading=first, by=officer, at=NOW) == "not_from_here"
    fresh = a_complaint()
    assert refused(complaints.merge, complaint=fresh, leading=fresh, by=officer, at=NOW) == "same_complaint"
    assert refused(complaints.merge, complaint=fresh, leading=first, by=officer, at=NOW) == "leading_not_open"


def test_a_place_that_the_register_does_not_know_becomes_suspected_unlicensed_premises(officer):
    province = another_province()
    complaint = a_complaint(place=PLACE, point=("13.65", "102.56"))
    named = {"facts": {"name_en": "Blue door", "type": a_facility_type(), "area": province}, "by": officer, "at": NOW}
    assert refused(complaints.register_premises, complaint=complaint, **named) == "no_province"
    complaint = complaints.triage(complaint=complaint, urgent=False, by=officer, at=NOW)
    complaint = complaints.assign(complaint=complaint, province=province, handler=officer, by=officer, at=NOW)
    complaint = complaints.register_premises(complaint=complaint, **named)
    facility = Facility.objects.get(name_en="Blue door")
    assert (complaint.facility, complaint.province) == (facility, province)
    assert facility.operational_status == OperationalStatus.SUSPECTED_UNLICENSED
    assert str(facility.latitude) == "13.650000"
    assert refused(complaints.register_premises, complaint=complaint, **named) == "already_placed"


def test_a_manager_enters_places_of_the_own_province_only():
    manager = a_user(Role.PROVINCIAL_MANAGER)
    complaint = a_complaint(place=PLACE, province=a_province())
    facts = {"name_en": "Blue door", "type": a_facility_type(), "area": another_province()}
    code = refused(complaints.register_premises, complaint=complaint, facts=facts, by=manager, at=NOW)
    assert code == "another_province"


@pytest.mark.parametrize("role", [Role.ENFORCEMENT_OFFICER, Role.PROVINCIAL_MANAGER])
def test_the_province_is_asked_for_an_unannounced_visit_and_one_visit_serves_two_complaints(role):
    by, facility = a_user(role), a_facility()
    a_ruleset()
    version = a_checklist_version(facility_type=facility.type)
    ready = [in_state(ComplaintState.ASSIGNED, by=by, facility=facility) for _ in range(2)]
    for complaint in ready:
        planned = complaints.plan_visit(complaint=complaint, planned_on=TODAY, checklist_version=version, by=by, at=NOW)
        assert planned.state == ComplaintState.INVESTIGATING
    visit = facility.visits.get()
    assert (visit.purpose, visit.announced, visit.inspector, visit.state) == (
        Purpose.COMPLAINT,
        False,
        None,
        VisitState.PLANNED,
    )
    assert visit.complaints.count() == 2
    code = refused(complaints.match, complaint=ready[0], facility=a_facility(), by=by, at=NOW)
    assert code == "visit_planned"


def test_a_place_is_not_visited_before_the_register_knows_it(officer):
    complaint = in_state(ComplaintState.ASSIGNED, by=officer, place=PLACE)
    version = a_checklist_version()
    named = {"planned_on": TODAY, "checklist_version": version, "by": officer, "at": NOW}
    assert refused(complaints.plan_visit, complaint=complaint, **named) == "no_facility"
    facility = a_facility(province=another_province())
    complaint = complaints.match(complaint=complaint, facility=facility, by=officer, at=NOW)
    assert complaint.province == another_province()


def test_what_is_still_to_come_cannot_be_complained_of():
    with time_machine.travel(NOW, tick=False):
        assert refused(a_complaint, since_on=TODAY + timedelta(days=1)) == "in_the_future"
