"""What the events of the audit trail say about a facility."""

from registry.audit.models import AuditEvent
from registry.models import Facility


def details_of(event: AuditEvent) -> str:
    """Why it was done or, of a facility that was edited, what changed, a line for each fact."""
    if event.verb != "facility.edited":
        return event.reason
    pairs = ((field, fact) for field, fact in event.facts.items() if isinstance(fact, list) and len(fact) == 2)
    lines = (f"{_name_of(field)}: {old or '–'} → {new or '–'}" for field, (old, new) in pairs)
    return "\n".join(lines)


def _name_of(field: str) -> str:
    name = str(Facility._meta.get_field(field).verbose_name)  # type: ignore[union-attr]
    return name[:1].upper() + name[1:]
