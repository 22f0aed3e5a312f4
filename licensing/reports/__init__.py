"""What pages say about licences and about authorisations for services."""

from typing import Any

from django.db.models import QuerySet

from licensing.models import Grant
from licensing.permissions import check_may_decide
from licensing.policies import STEPS, check_can_take
from registry.audit.models import AuditEvent
from registry.core.errors import passes


def steps_open_to(user: Any, grant: Grant) -> list[str]:
    """Of the steps in its life those that this person may take and its state allows."""
    if not passes(check_may_decide, user, grant):
        return []
    return [step for step in STEPS if passes(check_can_take, step, grant)]


def history(grant: Grant) -> QuerySet[AuditEvent]:
    """What was done with it, newest first; for whoever sees it."""
    events: QuerySet[AuditEvent] = AuditEvent.objects.filter(
        subject_kind=grant._meta.label_lower, subject_number=grant.number
    )
    return events.order_by("-occurred_at", "-id")
