from datetime import datetime
from typing import Any

from enforcement.models import Complaint, ComplaintMessage
from enforcement.states import ComplaintMessageKind
from registry.accounts.models import User
from registry.audit.actions import record


def lock(complaint: Complaint) -> Complaint:
    """The complaint as it is now, and nobody else moves it in the meantime."""
    rows = Complaint.objects.select_for_update(of=("self",), no_key=True)
    joined = rows.select_related("facility__type", "province", "handler", "merged_into")
    locked: Complaint = joined.get(pk=complaint.pk)
    return locked


def move(complaint: Complaint, verb: str, *, by: User | None, at: datetime, facts: dict[str, Any]) -> Complaint:
    """Keep what changed. No text of a complaint goes into the audit trail, which more people read."""
    complaint.save()
    record(verb=f"complaint.{verb}", subject=complaint, by=by, at=at, facts=facts)
    return complaint


def write(
    complaint: Complaint, kind: ComplaintMessageKind, text: str, *, by: User | None, at: datetime
) -> ComplaintMessage:
    message: ComplaintMessage = ComplaintMessage.objects.create(
        complaint=complaint, kind=kind, text=text.strip(), written_at=at, written_by=by
    )
    return message
