"""Complaints for tests, made by the same action that receives them."""

import itertools
from typing import Any

from enforcement.actions import complaints
from enforcement.models import Complaint
from enforcement.states import ComplaintKind, ComplaintState
from registry.accounts.models import User
from registry.accounts.states import Role
from registry.core import tracking
from tests.factories import NOW, a_facility, a_user

counter = itertools.count(1)


def a_code() -> str:
    return tracking.code_of(next(counter).to_bytes(10, "big"))


def a_complaint(**fields: Any) -> Complaint:
    """Just received; about hygiene in a facility of Phnom Penh unless the test says otherwise."""
    if "place" not in fields and "facility" not in fields:
        fields["facility"] = a_facility()
    said: dict[str, Any] = {
        "code": a_code(),
        "kind": ComplaintKind.HYGIENE,
        "text": "The needles are used twice.",
        "at": NOW,
    }
    return complaints.receive(**(said | fields))[0]


def in_state(state: str, *, by: User | None = None, **fields: Any) -> Complaint:
    """A complaint that came so far, handled by an enforcement officer."""
    by = by or a_user(Role.ENFORCEMENT_OFFICER)
    complaint = a_complaint(**fields)
    act: dict[str, Any] = {"by": by, "at": NOW}
    if state == ComplaintState.RECEIVED:
        return complaint
    if state == ComplaintState.REJECTED:
        return complaints.reject(complaint=complaint, text="It is about another country.", **act)
    if state == ComplaintState.MERGED:
        return complaints.merge(complaint=complaint, leading=a_complaint(facility=complaint.facility), **act)
    complaint = complaints.triage(complaint=complaint, urgent=False, **act)
    if state == ComplaintState.TRIAGED:
        return complaint
    complaint = complaints.assign(complaint=complaint, handler=by, **act)
    if state == ComplaintState.ASSIGNED:
        return complaint
    complaint = complaints.investigate(complaint=complaint, note="By telephone.", **act)
    if state == ComplaintState.INVESTIGATING:
        return complaint
    complaint = complaints.answer(complaint=complaint, text="The clinic was warned.", **act)
    return complaint if state == ComplaintState.ANSWERED else complaints.close(complaint=complaint, **act)
