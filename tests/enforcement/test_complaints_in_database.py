"""What must be true of complaints is true in the database, whatever is written past the actions."""

import itertools
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from enforcement.models import ComplaintMessage
from enforcement.states import COMPLAINT_TRANSITIONS, ComplaintState
from inspections.states import Purpose
from registry.accounts.states import Role
from tests.factories import NOW, a_facility, a_user, a_visit
from tests.factories_complaints import a_complaint, in_state

pytestmark = pytest.mark.django_db


def fails(statement: str, *values: Any) -> str:
    with pytest.raises(DatabaseError) as error, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)
    return str(error.value)


def sets(complaint, assignment: str, *values: Any) -> str:
    return fails(f"UPDATE enforcement_complaint SET {assignment} WHERE id = {complaint.pk}", *values)


@pytest.mark.parametrize(
    ("before", "after"),
    [(a, b) for a, b in itertools.permutations(ComplaintState, 2) if b not in COMPLAINT_TRANSITIONS[a]],
)
def test_no_step_leaves_the_life_cycle(before, after):
    # Were they not about something else, the other constraints would be satisfied.
    whole = "ended_at = now(), answered_at = now(), merged_into_id = NULL, "
    complaint = in_state(before)
    ComplaintMessage.objects.create(
        complaint=complaint, kind="answer", text="-", written_at=NOW, written_by=a_user(Role.ENFORCEMENT_OFFICER)
    )
    assert "transition" in sets(complaint, f"{whole} state = %s", str(after))


@pytest.mark.parametrize(
    "assignment",
    [
        "text = 'Nothing happened.'",
        "kind = 'price'",
        "received_at = now()",
        f"code_hash = '{'0' * 64}'",
        "confidential = NOT confidential",
        "place = 'Elsewhere'",
    ],
)
def test_a_complaint_stays_as_it_came(assignment):
    assert "complaints_stay_as_they_came" in sets(a_complaint(), assignment)


@pytest.mark.parametrize(
    ("assignment", "constraint"),
    [
        ("urgent = true, facility_id = NULL", "a_complaint_says_where"),
        ("ended_at = now()", "only_an_ended_complaint_says_when"),
        ("state = 'merged', ended_at = now()", "only_a_merged_complaint_has_a_leading_one"),
        ("merged_into_id = id", "a_complaint_does_not_lead_itself"),
        ("state = 'rejected'", "only_an_ended_complaint_says_when"),
    ],
)
def test_a_received_complaint_holds_together(assignment, constraint):
    assert constraint in sets(a_complaint(), assignment)


def test_an_assigned_complaint_has_an_office():
    complaint = in_state(ComplaintState.ASSIGNED)
    assert "an_assigned_complaint_has_an_office" in sets(complaint, "handler_id = NULL, province_id = NULL")


def test_no_complaint_is_answered_without_an_answer():
    complaint = in_state(ComplaintState.INVESTIGATING)
    assert "has no answer" in sets(complaint, "state = 'answered', answered_at = now()")
    answered = in_state(ComplaintState.ANSWERED)
    assert "an_answered_complaint_says_when" in sets(answered, "answered_at = NULL")


def test_a_merged_complaint_leads_nobody():
    merged = in_state(ComplaintState.MERGED)
    told = sets(a_complaint(), "state = 'merged', ended_at = now(), merged_into_id = %s", merged.pk)
    assert "is merged itself" in told


def test_a_complaint_has_no_visit_but_one_that_was_made_for_it():
    complaint = in_state(ComplaintState.ASSIGNED)
    elsewhere = a_visit(a_facility(), purpose=Purpose.COMPLAINT)
    routine = a_visit(complaint.facility)
    for visit in (elsewhere, routine):
        assert "is not made for complaint" in sets(complaint, "visit_id = %s", visit.pk)


def test_what_was_said_and_by_whom_stays():
    complaint = in_state(ComplaintState.CLOSED, phone="012 345 678")
    for table in ("complaint", "complaintcontact", "complaintmessage"):
        assert fails(f"DELETE FROM enforcement_{table}")
    assert fails("UPDATE enforcement_complaintmessage SET text = 'Nothing.'")
    assert fails("UPDATE enforcement_complaintcontact SET phone = '1'")
    somebody = a_user(Role.AUDITOR)
    insert = "INSERT INTO enforcement_complaintmessage (complaint_id, kind, text, written_at, written_by_id)"
    assert "complainants_have_no_account" in fails(
        f"{insert} VALUES (%s, 'complainant', 'Yes.', now(), %s)", complaint.pk, somebody.pk
    )
    assert "complainants_have_no_account" in fails(f"{insert} VALUES (%s, 'answer', 'Yes.', now(), NULL)", complaint.pk)
    assert "a_complaint_message_says_something" in fails(
        f"{insert} VALUES (%s, 'complainant', '', now(), NULL)", complaint.pk
    )
    assert "a_contact_can_be_reached" in fails(
        "INSERT INTO enforcement_complaintcontact (complaint_id, phone, email) VALUES (%s, '', '')", a_complaint().pk
    )
