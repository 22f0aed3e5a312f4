"""What is said to a complainant and by one, and how a complaint ends."""

from datetime import datetime

from django.db import transaction

from enforcement import permissions, policies
from enforcement.actions.complaints import letters
from enforcement.actions.complaints.locking import lock, move, write
from enforcement.models import Complaint, ComplaintContact, ComplaintMessage
from enforcement.states import ComplaintMessageKind, ComplaintState
from registry.accounts.models import User
from registry.audit.actions import record


@transaction.atomic
def add(*, complaint: Complaint, text: str, at: datetime) -> ComplaintMessage:
    """The complainant writes again; the same text sent twice in a row is one message. Raises Refused."""
    complaint = lock(complaint)
    policies.check_says_something(text)
    policies.check_is_open(complaint)
    last: ComplaintMessage | None = complaint.messages.order_by("-pk").first()
    if last is not None and (last.kind, last.text) == (ComplaintMessageKind.COMPLAINANT, text.strip()):
        return last
    message = write(complaint, ComplaintMessageKind.COMPLAINANT, text, by=None, at=at)
    record(verb="complaint.message_added", subject=complaint, by=None, at=at)
    letters.added(message, at=at)
    return message


@transaction.atomic
def note(*, complaint: Complaint, text: str, by: User, at: datetime) -> Complaint:
    """Something for the staff to remember; the complainant does not see it. Raises NotPermitted or Refused."""
    complaint = lock(complaint)
    permissions.check_may_triage(by, complaint)
    policies.check_says_something(text)
    policies.check_is_open(complaint)
    write(complaint, ComplaintMessageKind.NOTE, text, by=by, at=at)
    record(verb="complaint.note_added", subject=complaint, by=by, at=at)
    return complaint


@transaction.atomic
def reply(*, complaint: Complaint, text: str, by: User, at: datetime) -> Complaint:
    """The complainant is asked or told something, before the answer. Raises NotPermitted or Refused."""
    complaint = lock(complaint)
    permissions.check_may_handle(by, complaint)
    policies.check_says_something(text)
    policies.check_is_open(complaint)
    _say(complaint, ComplaintMessageKind.REPLY, text, by=by, at=at)
    record(verb="complaint.message_sent", subject=complaint, by=by, at=at)
    return complaint


@transaction.atomic
def answer(*, complaint: Complaint, text: str, by: User, at: datetime) -> Complaint:
    """The complainant learns what came of it, and so do those whose complaints are handled with this one.

    Raises NotPermitted or Refused.
    """
    complaint = lock(complaint)
    permissions.check_may_handle(by, complaint)
    policies.check_can_move(complaint, ComplaintState.ANSWERED)
    policies.check_says_something(text)
    for one in (complaint, *complaint.duplicates.order_by("pk")):
        _say(one, ComplaintMessageKind.ANSWER, text, by=by, at=at)
    complaint.state, complaint.answered_at = ComplaintState.ANSWERED, at
    return move(complaint, "answered", by=by, at=at, facts={})


@transaction.atomic
def close(*, complaint: Complaint, by: User, at: datetime) -> Complaint:
    """Answered and done with. Raises NotPermitted or Refused."""
    complaint = lock(complaint)
    permissions.check_may_handle(by, complaint)
    policies.check_can_move(complaint, ComplaintState.CLOSED)
    complaint.state, complaint.ended_at = ComplaintState.CLOSED, at
    return move(complaint, "closed", by=by, at=at, facts={})


@transaction.atomic
def reopen(*, complaint: Complaint, text: str, by: User, at: datetime) -> Complaint:
    """The answer was not the last word: it is looked into again, for a reason. Raises NotPermitted or Refused."""
    complaint = lock(complaint)
    permissions.check_may_handle(by, complaint)
    policies.check_can_be_reopened(complaint)
    policies.check_says_something(text)
    policies.check_has_office(complaint.province_id, complaint.handler_id)
    write(complaint, ComplaintMessageKind.NOTE, text, by=by, at=at)
    complaint.state = ComplaintState.ASSIGNED
    return move(complaint, "reopened", by=by, at=at, facts={})


@transaction.atomic
def reject(*, complaint: Complaint, text: str, by: User, at: datetime) -> Complaint:
    """It is not taken up, and the complainant learns why. Raises NotPermitted or Refused."""
    complaint = lock(complaint)
    permissions.check_may_handle(by, complaint)
    policies.check_can_move(complaint, ComplaintState.REJECTED)
    policies.check_says_something(text)
    for one in (complaint, *complaint.duplicates.order_by("pk")):
        _say(one, ComplaintMessageKind.REFUSAL, text, by=by, at=at)
    complaint.state, complaint.ended_at = ComplaintState.REJECTED, at
    return move(complaint, "rejected", by=by, at=at, facts={})


@transaction.atomic
def read_contact(*, complaint: Complaint, by: User, at: datetime) -> ComplaintContact | None:
    """Who made it, as far as they said; None where they did not. Each look is on record. Raises NotPermitted."""
    complaint = lock(complaint)
    permissions.check_may_read_contact(by, complaint)
    contact: ComplaintContact | None = ComplaintContact.objects.visible_to(by).filter(complaint=complaint).first()
    record(verb="complaint.contact_read", subject=complaint, by=by, at=at)
    return contact


def _say(complaint: Complaint, kind: ComplaintMessageKind, text: str, *, by: User, at: datetime) -> None:
    letters.news(write(complaint, kind, text, by=by, at=at), at=at)
