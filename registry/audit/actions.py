from datetime import datetime
from typing import Any, Protocol

import structlog

from registry.audit.models import AuditEvent


class Actor(Protocol):
    role: str

    def get_username(self) -> str: ...


def record(
    *, verb: str, subject: Any, by: Actor | None, at: datetime, reason: str = "", facts: dict[str, Any] | None = None
) -> AuditEvent:
    """Write one event in the caller's transaction. `by` is None where a schedule acted.

    `subject` is any model instance; its `number` (else its key) is kept, and the number of its facility.
    """
    return AuditEvent.objects.create(**fields(verb=verb, subject=subject, by=by, at=at, reason=reason, facts=facts))


def fields(
    *, verb: str, subject: Any, by: Actor | None, at: datetime, reason: str = "", facts: dict[str, Any] | None = None
) -> dict[str, Any]:
    """The columns of one event, for callers that write many at once."""
    facility = subject if subject._meta.label_lower == "registry.facility" else getattr(subject, "facility", None)
    return {
        "verb": verb,
        "occurred_at": at,
        "subject_kind": subject._meta.label_lower,
        "subject_number": str(getattr(subject, "number", None) or subject.pk),
        "subject_label": str(subject)[:300],
        "facility_number": facility.number if facility is not None else "",
        "by_username": by.get_username() if by is not None else "",
        "by_role": by.role if by is not None else "",
        "reason": reason,
        "facts": facts or {},
        "request_id": str(structlog.contextvars.get_contextvars().get("request_id", "")),
    }
