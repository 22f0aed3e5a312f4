"""A complaint is ranked, given to somebody, matched with a facility and looked into."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from enforcement import permissions, policies
from enforcement.actions.complaints import letters
from enforcement.actions.complaints.locking import lock, move, write
from enforcement.actions.complaints.receiving import due_day
from enforcement.models import Complaint
from enforcement.states import ComplaintMessageKind, ComplaintState
from inspections.actions import visits
from inspections.models import ChecklistVersion
from inspections.states import Purpose, VisitState
from registry.accounts.models import User
from registry.actions import facilities
from registry.areas.models import Area
from registry.models import Facility
from registry.permissions import check_may_place
from registry.states import OperationalStatus, Ownership


@transaction.atomic
def triage(*, complaint: Complaint, urgent: bool, note: str = "", by: User, at: datetime) -> Complaint:
    """Somebody has read it: it is urgent or not, and is to be looked into within 2 or 10 working days of its coming.

    Raises NotPermitted or Refused.
    """
    complaint = lock(complaint)
    permissions.check_may_triage(by, complaint)
    policies.check_can_move(complaint, ComplaintState.TRIAGED)
    _check_interest(by, complaint, at)
    complaint.state, complaint.urgent = ComplaintState.TRIAGED, urgent
    complaint.due_on = due_day(urgent, complaint.received_at)
    _note(complaint, note, by=by, at=at)
    return move(complaint, "triaged", by=by, at=at, facts={"urgent": urgent, "due_on": complaint.due_on.isoformat()})


@transaction.atomic
def assign(
    *,
    complaint: Complaint,
    province: Area | None = None,
    handler: User | None = None,
    note: str = "",
    by: User,
    at: datetime,
) -> Complaint:
    """From now on this person handles it, or without one the managers of the province.

    The province of a facility in the register stays. Raises NotPermitted, or Refused where the person cannot handle it
    or has an interest in the facility.
    """
    complaint = lock(complaint)
    permissions.check_may_triage(by, complaint)
    policies.check_can_be_given(complaint)
    if complaint.facility is None and province is not None:
        complaint.province = complaint.area = province
    policies.check_has_office(complaint.province_id, handler)
    if handler is not None:
        policies.check_can_handle(handler, complaint.province_id)
        _check_interest(handler, complaint, at)
    if complaint.state == ComplaintState.TRIAGED:
        complaint.state = ComplaintState.ASSIGNED
    complaint.handler = handler
    _note(complaint, note, by=by, at=at)
    facts = {
        "province": complaint.province.code if complaint.province else "",
        "handler": handler.get_username() if handler else "",
    }
    move(complaint, "assigned", by=by, at=at, facts=facts)
    letters.assigned(complaint, at=at)
    return complaint


@transaction.atomic
def match(*, complaint: Complaint, facility: Facility, by: User, at: datetime) -> Complaint:
    """It is about this facility of the register. Raises NotPermitted, or Refused where a visit is planned for it."""
    complaint = lock(complaint)
    permissions.check_may_handle(by, complaint)
    policies.check_place_can_change(complaint)
    return _place(complaint, facility, by=by, at=at)


@transaction.atomic
def register_premises(*, complaint: Complaint, facts: Mapping[str, Any], by: User, at: datetime) -> Complaint:
    """The place that it describes enters the register as suspected unlicensed premises.

    `facts` are those of a facility (`registry.actions.facilities.FACTS`) with an area in the complaint's province.
    Raises NotPermitted, or Refused where the place is known already or no province is.
    """
    complaint = lock(complaint)
    permissions.check_may_handle(by, complaint)
    policies.check_is_unplaced(complaint)
    check_may_place(by, facts.get("area"))
    facility = facilities.register(
        facts={
            "ownership": Ownership.UNKNOWN,
            "latitude": complaint.latitude,
            "longitude": complaint.longitude,
            **facts,
        },
        status=OperationalStatus.SUSPECTED_UNLICENSED,
        since=timezone.localdate(complaint.received_at),
        by_decision=True,
        by=by,
        at=at,
    )
    return _place(complaint, facility, by=by, at=at)


@transaction.atomic
def plan_visit(
    *, complaint: Complaint, planned_on: date, checklist_version: ChecklistVersion, by: User, at: datetime
) -> Complaint:
    """The province is asked for an unannounced visit after the complaint, or the one already planned serves it too.

    Raises NotPermitted, or Refused where the place is not in the register or the visit cannot be planned
    (`inspections.actions.visits.plan`).
    """
    complaint = lock(complaint)
    permissions.check_may_handle(by, complaint)
    policies.check_can_be_visited(complaint)
    assert complaint.facility is not None  # noqa: S101
    _check_interest(by, complaint, at)
    planned = complaint.facility.visits.filter(purpose=Purpose.COMPLAINT, state=VisitState.PLANNED).first()
    complaint.visit = planned or visits.plan(
        facility=complaint.facility,
        inspector=None,
        checklist_version=checklist_version,
        planned_on=planned_on,
        purpose=Purpose.COMPLAINT,
        by=by,
        at=at,
    )
    complaint.state = ComplaintState.INVESTIGATING
    return move(complaint, "investigating", by=by, at=at, facts={"visit": str(complaint.visit.uuid)})


@transaction.atomic
def investigate(*, complaint: Complaint, note: str, by: User, at: datetime) -> Complaint:
    """It is looked into without a visit; the note says how. Raises NotPermitted or Refused."""
    complaint = lock(complaint)
    permissions.check_may_handle(by, complaint)
    policies.check_can_move(complaint, ComplaintState.INVESTIGATING)
    policies.check_says_something(note)
    _check_interest(by, complaint, at)
    complaint.state = ComplaintState.INVESTIGATING
    _note(complaint, note, by=by, at=at)
    return move(complaint, "investigating", by=by, at=at, facts={})


@transaction.atomic
def merge(*, complaint: Complaint, leading: Complaint, by: User, at: datetime) -> Complaint:
    """It is about the same matter as `leading` and is answered with it; so are those that were joined with it.

    Raises NotPermitted, or Refused where one of them is closed.
    """
    first, second = (lock(one) for one in sorted((complaint, leading), key=lambda one: one.pk))
    complaint, leading = (first, second) if first.pk == complaint.pk else (second, first)
    permissions.check_may_handle(by, complaint)
    permissions.check_may_triage(by, leading)
    policies.check_can_lead(leading, complaint)
    complaint.state, complaint.merged_into, complaint.ended_at = ComplaintState.MERGED, leading, at
    move(complaint, "merged", by=by, at=at, facts={"with": leading.number})
    complaint.duplicates.update(merged_into=leading)
    return complaint


def _place(complaint: Complaint, facility: Facility, *, by: User, at: datetime) -> Complaint:
    policies.check_has_no_interest(by, facility, timezone.localdate(at))
    complaint.facility, complaint.area, complaint.province = facility, facility.area, facility.province
    return move(complaint, "placed", by=by, at=at, facts={"facility": facility.number})


def _check_interest(person: User, complaint: Complaint, at: datetime) -> None:
    policies.check_has_no_interest(person, complaint.facility, timezone.localdate(at))


def _note(complaint: Complaint, text: str, *, by: User, at: datetime) -> None:
    if text.strip():
        write(complaint, ComplaintMessageKind.NOTE, text, by=by, at=at)
