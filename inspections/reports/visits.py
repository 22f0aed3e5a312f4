"""What pages say about one visit."""

from typing import Any

from django.db.models import QuerySet

from inspections.models import Visit
from inspections.permissions import (
    check_may_amend,
    check_may_assign,
    check_may_cancel,
    check_may_decide,
    check_may_lead,
    check_may_work_on,
)
from inspections.policies import check_can_amend, check_can_assign, check_can_fill, check_can_move, check_has_stated
from inspections.states import VisitState
from registry.audit.models import AuditEvent
from registry.core.errors import passes

SMALL_STEPS = ("visit.draft_saved", "visit.photo_added", "visit.photo_removed")


def steps_open_to(user: Any, visit: Visit) -> list[str]:
    """Of all that can be done with a visit: what this person may do and the visit's state allows."""
    may_lead, may_work = (passes(check, user, visit) for check in (check_may_lead, check_may_work_on))
    may_decide = passes(check_may_decide, user, visit)
    can = {state: passes(check_can_move, visit, state) for state in VisitState}
    can_assign, stated = passes(check_can_assign, visit), passes(check_has_stated, visit, user)
    steps = (
        ("statement", may_work and can_assign and not stated),
        ("start", may_lead and can[VisitState.IN_PROGRESS] and stated),
        ("fill", may_work and passes(check_can_fill, visit) and stated),
        ("submit", may_lead and can[VisitState.SUBMITTED]),
        ("approve", may_decide and can[VisitState.APPROVED]),
        ("return", may_decide and can[VisitState.RETURNED]),
        ("assign", can_assign and passes(check_may_assign, user, visit)),
        ("cancel", passes(check_may_cancel, user, visit) and can[VisitState.CANCELLED]),
        ("amend", passes(check_may_amend, user, visit) and passes(check_can_amend, visit)),
    )
    return [verb for verb, is_open in steps if is_open]


def history(visit: Visit) -> QuerySet[AuditEvent]:
    """What was done with the visit, newest first; for whoever sees the visit."""
    events: QuerySet[AuditEvent] = AuditEvent.objects.filter(
        subject_kind="inspections.visit", subject_number=visit.number
    )
    return events.exclude(verb__in=SMALL_STEPS).order_by("-occurred_at", "-id")
