"""What happened to one thing of the register, for its page."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from registry.audit.models import AuditEvent
from registry.audit.reports import title_of

MOST = 40


@dataclass(frozen=True)
class Happening:
    """One line of a timeline."""

    at: datetime
    title: str
    by: str
    text: str


def events_of(thing: Any) -> list[Happening]:
    """The newest events of a thing without a number of its own, for whoever sees the thing; newest first."""
    events = AuditEvent.objects.filter(subject_kind=thing._meta.label_lower, subject_number=str(thing.pk))
    return [
        Happening(
            timezone.localtime(event.occurred_at),
            title_of(event.verb),
            event.by_username,
            event.reason or "\n".join(_changes(event, thing)),
        )
        for event in events.order_by("-occurred_at", "-id")[:MOST]
    ]


def _changes(event: AuditEvent, thing: Any) -> Iterator[str]:
    for name, change in event.facts.items():
        if isinstance(change, list) and len(change) == 2:
            label = str(thing._meta.get_field(name).verbose_name)
            yield f"{label[:1].upper()}{label[1:]}: {change[0] or '–'} → {change[1] or '–'}"
