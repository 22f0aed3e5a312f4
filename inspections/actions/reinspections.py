"""A facility that put things right asks to be inspected again: recorded, then granted or declined."""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from inspections import permissions, policies
from inspections.actions import visits
from inspections.models import ChecklistVersion, ReinspectionRequest
from inspections.states import Purpose, RequestState
from registry.accounts.models import User
from registry.audit.actions import record as record_event
from registry.models import Facility


@transaction.atomic
def record(
    *, facility: Facility, asked_on: date, asked_by_name: str, text: str, by: User, at: datetime
) -> ReinspectionRequest:
    """The facility's wish, as its letter or its words say it, waits for a decision.

    Raises NotPermitted, or Refused where it was never inspected, is closed, or already waits.
    """
    facility = Facility.objects.select_for_update(no_key=True).get(pk=facility.pk)
    permissions.check_may_request(by, facility)
    policies.check_has_no_request(facility)
    policies.check_asked_by_today(asked_on, timezone.localdate(at))
    request = ReinspectionRequest.objects.create(
        facility=facility, asked_on=asked_on, asked_by_name=asked_by_name, text=text, recorded_at=at, recorded_by=by
    )
    facts = {"asked_on": asked_on.isoformat(), "asked_by": asked_by_name}
    record_event(verb="reinspection_request.recorded", subject=request, by=by, at=at, reason=text, facts=facts)
    return request


@transaction.atomic
def grant(
    *,
    request: ReinspectionRequest,
    checklist_version: ChecklistVersion,
    planned_on: date,
    announced: bool = False,
    by: User,
    at: datetime,
) -> ReinspectionRequest:
    """A visit is planned for it, for the province to give to somebody.

    Raises NotPermitted, or Refused where it is decided already or the visit cannot be planned (`visits.plan`).
    """
    request = _lock(request)
    permissions.check_may_request(by, request.facility)
    policies.check_can_decide_request(request, RequestState.GRANTED)
    request.visit = visits.plan(
        facility=request.facility,
        inspector=None,
        checklist_version=checklist_version,
        planned_on=planned_on,
        purpose=Purpose.REINSPECTION,
        on_request=True,
        announced=announced,
        by=by,
        at=at,
    )
    facts = {"visit": request.visit.number, "planned_on": planned_on.isoformat()}
    return _decide(request, RequestState.GRANTED, by=by, at=at, facts=facts)


@transaction.atomic
def decline(*, request: ReinspectionRequest, reason: str, by: User, at: datetime) -> ReinspectionRequest:
    """No visit is planned for it, for a reason. Raises NotPermitted, or Refused where it is decided already."""
    request = _lock(request)
    permissions.check_may_request(by, request.facility)
    policies.check_can_decide_request(request, RequestState.DECLINED)
    policies.check_reason(reason)
    request.reason = reason
    return _decide(request, RequestState.DECLINED, by=by, at=at, facts={})


def _decide(
    request: ReinspectionRequest, state: RequestState, *, by: User, at: datetime, facts: dict[str, str]
) -> ReinspectionRequest:
    request.state, request.decided_at, request.decided_by = state, at, by
    request.save()
    verb = f"reinspection_request.{state}"
    record_event(verb=verb, subject=request, by=by, at=at, reason=request.reason, facts=facts)
    return request


def _lock(request: ReinspectionRequest) -> ReinspectionRequest:
    rows = ReinspectionRequest.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("facility__type").get(pk=request.pk)
