"""Reads about findings and what became of them, for pages."""

from typing import Any

from django.db.models import Q
from django.utils import timezone

from inspections.models import ChecklistItem, CorrectiveAction, Finding
from registry.audit.models import AuditEvent
from registry.audit.reports import doer_of, title_of


def item_of(finding: Finding) -> ChecklistItem | None:
    """The question that was answered no or partly; None for an imported finding."""
    section, _dot, code = finding.item_code.partition(".")
    version = finding.visit.checklist_version_id
    return ChecklistItem.objects.filter(section__version=version, section__code=section, code=code).first()


def course_of_finding(finding: Finding) -> list[dict[str, Any]]:
    """What was done about a finding and its corrective action, newest first, for a timeline."""
    about = Q(subject_kind=Finding._meta.label_lower, subject_number=str(finding.pk))
    action = getattr(finding, "corrective_action", None)
    return _timeline(about | _about(action) if action is not None else about)


def course_of_action(action: CorrectiveAction) -> list[dict[str, Any]]:
    """What was done about a corrective action, newest first, for a timeline."""
    return _timeline(_about(action))


def _about(action: CorrectiveAction) -> Q:
    return Q(subject_kind=CorrectiveAction._meta.label_lower, subject_number=str(action.pk))


def _timeline(about: Q) -> list[dict[str, Any]]:
    events = AuditEvent.objects.filter(about).order_by("-occurred_at", "-id")
    return [
        {
            "title": title_of(event.verb),
            "by": event.facts.get("name") or doer_of(event),
            "at": timezone.localtime(event.occurred_at),
            "text": event.reason,
        }
        for event in events
    ]
