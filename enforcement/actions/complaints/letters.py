"""Who is told of a complaint, in the transaction of the deed. No letter repeats what a complaint says."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q
from django.urls import reverse

from enforcement.models import Complaint, ComplaintContact, ComplaintMessage
from enforcement.states import ComplaintKind
from registry.accounts.models import User
from registry.accounts.states import Role
from registry.outbox import actions as outbox


def received(complaint: Complaint, *, at: datetime) -> None:
    """To the enforcement officers and to the managers of the province."""
    _tell("complaint.received", complaint, office(complaint.province_id), "once", at=at)


def assigned(complaint: Complaint, *, at: datetime) -> None:
    """To whoever handles it from now on, or to the managers of the province."""
    people = [complaint.handler] if complaint.handler else managers(complaint.province_id)
    _tell("complaint.assigned", complaint, people, at.isoformat(), at=at)


def added(message: ComplaintMessage, *, at: datetime) -> None:
    """To whoever handles the complaint, or the one that it is handled with."""
    complaint = message.complaint.merged_into or message.complaint
    people = [complaint.handler] if complaint.handler else office(complaint.province_id)
    _tell("complaint.message_added", complaint, people, str(message.pk), at=at)


def news(message: ComplaintMessage, *, at: datetime) -> None:
    """To the complainant, who reads the message itself with the tracking code: others may open the same mailbox."""
    email = ComplaintContact.objects.filter(complaint=message.complaint_id).values_list("email", flat=True).first()
    if email:
        outbox.post(
            email=email,
            kind="complaint.news",
            key=f"complaint.news:{message.pk}",
            link=reverse("complaint-status"),
            at=at,
        )


def office(province_id: int | None) -> Iterable[User]:
    return User.objects.filter(
        Q(role=Role.ENFORCEMENT_OFFICER)
        | Q(role=Role.PROVINCIAL_MANAGER, province=province_id, province__isnull=False),
        is_active=True,
    )


def managers(province_id: int | None) -> Iterable[User]:
    return User.objects.filter(
        role=Role.PROVINCIAL_MANAGER, province=province_id, province__isnull=False, is_active=True
    )


def _tell(kind: str, complaint: Complaint, people: Iterable[User], deed: str, *, at: datetime) -> None:
    outbox.post(
        to=people,
        kind=kind,
        key=f"{kind}:{complaint.number}:{deed}",
        context={
            "number": complaint.number,
            "kind": ComplaintKind(complaint.kind).label,
            "day": complaint.due_on,
        },
        link=reverse("complaint-detail", args=[complaint.number]),
        at=at,
    )
