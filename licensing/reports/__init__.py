"""What pages say about licences."""

from typing import Any

from django.db.models import QuerySet

from licensing.models import Licence
from licensing.permissions import check_may_decide, check_may_end
from licensing.policies import check_can_become
from licensing.states import LicenceState
from registry.audit.models import AuditEvent
from registry.core.errors import passes


def steps_open_to(user: Any, licence: Licence) -> list[str]:
    """Of approve, reject, revoke and surrender: what this person may do and the licence's state allows."""
    may_decide = passes(check_may_decide, user, licence)
    may_end = passes(check_may_end, user)
    steps = (
        ("approve", may_decide, LicenceState.ISSUED),
        ("reject", may_decide, LicenceState.REJECTED),
        ("revoke", may_end, LicenceState.REVOKED),
        ("surrender", may_end, LicenceState.SURRENDERED),
    )
    return [verb for verb, may, state in steps if may and passes(check_can_become, licence, state)]


def history(licence: Licence) -> QuerySet[AuditEvent]:
    """What was done with the licence, newest first; for whoever sees the licence."""
    events: QuerySet[AuditEvent] = AuditEvent.objects.filter(
        subject_kind="licensing.licence", subject_number=licence.number
    )
    return events.order_by("-occurred_at", "-id")
