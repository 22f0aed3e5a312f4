"""A complaint comes in, from somebody without an account."""

from collections.abc import Collection
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from enforcement import policies
from enforcement.actions.complaints import letters
from enforcement.models import Complaint, ComplaintContact, ComplaintFile
from enforcement.states import URGENT_KINDS
from registry.areas.models import Area
from registry.audit.actions import record
from registry.core import tracking
from registry.core.working_days import add_working_days
from registry.files.models import StoredFile
from registry.models import Facility, PublicHoliday

URGENT_DAYS, ORDINARY_DAYS = 2, 10


@transaction.atomic
def receive(
    *,
    code: str,
    kind: str,
    text: str,
    since_on: date | None = None,
    facility: Facility | None = None,
    place: str = "",
    province: Area | None = None,
    point: tuple[Decimal, Decimal] | None = None,
    phone: str = "",
    email: str = "",
    confidential: bool = True,
    files: Collection[StoredFile] = (),
    at: datetime,
) -> tuple[Complaint, bool]:
    """The complaint that `code` leads back to, and whether it is new: sent twice, it comes in once.

    `province` is that of a place that the register does not know. Raises Refused where it says nothing, or what is
    still to come.
    """
    policies.check_says_something(text)
    policies.check_since(since_on, timezone.localdate(at))
    urgent = kind in URGENT_KINDS
    latitude, longitude = point or (None, None)
    complaint, is_new = Complaint.objects.get_or_create(
        code_hash=tracking.fingerprint(code),
        defaults={
            "kind": kind,
            "text": text.strip(),
            "since_on": since_on,
            "facility": facility,
            "place": place.strip(),
            "area": facility.area if facility else province,
            "province": facility.province if facility else province,
            "latitude": latitude,
            "longitude": longitude,
            "confidential": confidential,
            "urgent": urgent,
            "due_on": due_day(urgent, at),
            "received_at": at,
        },
    )
    if is_new:
        if phone or email:
            ComplaintContact.objects.create(complaint=complaint, phone=phone, email=email)
        ComplaintFile.objects.bulk_create(ComplaintFile(complaint=complaint, file=file) for file in files)
        record(verb="complaint.received", subject=complaint, by=None, at=at, facts={"kind": kind, "files": len(files)})
        letters.received(complaint, at=at)
    return complaint, is_new


def due_day(urgent: bool, at: datetime) -> date:
    """The last day for somebody to begin to look into what came at `at`: 2 working days, or 10 (42 CFR 488.332)."""
    holidays = set(PublicHoliday.objects.values_list("day", flat=True))
    return add_working_days(timezone.localdate(at), URGENT_DAYS if urgent else ORDINARY_DAYS, holidays)
