"""What pages say about applications."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from licensing.models import Application, ApplicationDocument, RequiredDocument
from licensing.permissions.applications import check_may_speak_for_applicant
from licensing.permissions.applying import check_may_change
from licensing.policies import applying as policies
from licensing.policies.decisions import check_can_lodge
from licensing.rules import proposals
from licensing.rules.proposals import LABELS
from licensing.states import ApplicationState
from registry.areas.models import Area
from registry.audit.models import AuditEvent
from registry.audit.reports import title_of
from registry.core.errors import passes
from registry.models import FacilityType
from registry.states import Ownership

PARTS: dict[str, Promise] = {
    "proposal": gettext_lazy("The site"),
    "services": gettext_lazy("Services with an authorisation of their own"),
    "documents": gettext_lazy("Documents"),
    "wishes": gettext_lazy("First day and note"),
}
DECIDED = (ApplicationState.GRANTED, ApplicationState.REFUSED)


@dataclass(frozen=True)
class Task:
    """One page of the application, as the task list shows it."""

    part: str
    title: str | Promise
    sentences: list[str]
    done: str
    """What is there already, in a few words; empty while nothing is."""

    @property
    def state(self) -> str:
        return "missing" if self.sentences else "completed" if self.done else "optional"


def tasks(application: Application, on: date) -> list[Task]:
    """The pages that this kind of application has, and what each still lacks."""
    wanted = proposals.asked(application.kind, registered=application.facility_id is not None)
    parts = [
        part for part in PARTS if (part != "proposal" or wanted.fields) and (part != "services" or wanted.services)
    ]
    lacking = policies.missing(application, on)
    there = {
        "proposal": str(len(application.proposal)) if application.proposal else "",
        "services": str(application.asked_services.count() or ""),
        "documents": str(application.documents.filter(removed_at=None).count() or ""),
        "wishes": str(application.begins_on or application.note or ""),
    }
    return [
        Task(part, title_of_part(part, application), [one.sentence for one in lacking if one.part == part], there[part])
        for part in parts
    ]


def title_of_part(part: str, application: Application) -> str | Promise:
    """The page of a proposal is called after what it is about."""
    if part == "proposal" and proposals.ASKED[application.kind].of_licence:
        return _("What is to change") if "reason" not in proposals.ASKED[application.kind].fields else _("Reason")
    return PARTS[part]


def summary(application: Application) -> Iterator[tuple[Any, Any]]:
    yield _("Application"), application.get_kind_display()
    yield _("Operator"), application.operator
    if application.facility is not None:
        yield _("Facility"), f"{application.facility} ({application.facility.number})"
    if application.concerns is not None:
        yield _("Licence"), application.concerns.number
    if application.type is not None:
        yield _("Licence type"), application.type
    if application.submitted_at is not None:
        yield _("Handed in at"), timezone.localtime(application.submitted_at)
        yield _("Declared by"), application.declared_by_name
    if application.state in DECIDED and application.decided_at is not None:
        yield _("Decided on"), timezone.localdate(application.decided_at)
    elif application.due_on is not None:
        yield _("Decision due on"), application.due_on
    elif application.days_left is not None:
        yield (
            _("Decision due on"),
            _("%(days)s working days after the answer") % {"days": max(application.days_left, 0)},
        )


def proposed(application: Application) -> list[tuple[Any, Any]]:
    """What is proposed, for people; of what is only changed, what is written now stands beside it."""
    return [(LABELS[name], text) for name, text in proposal_in_words(application).items()]


def proposal_in_words(application: Application) -> dict[str, Any]:
    words: dict[str, Any] = {}
    for name in LABELS:
        if not (text := application.proposal.get(name)):
            continue
        if name == "area":
            words[name] = ", ".join(map(str, places(text)))
        elif name == "facility_type":
            words[name] = FacilityType.objects.filter(code=text).first() or text
        elif name == "ownership":
            words[name] = dict(Ownership.choices).get(text, text)
        else:
            words[name] = text
    return words


def places(code: str) -> list[Area]:
    """The area and those above it, the smallest first."""
    above = [code[:length] for length in (8, 6, 4, 2) if len(code) >= length]
    found = {area.code: area for area in Area.objects.in_force().filter(code__in=above)}
    return [found[one] for one in above if one in found]


def documents(application: Application) -> list[ApplicationDocument]:
    """Those that are there now, the required ones first."""
    present = application.documents.filter(removed_at=None).select_related("file", "required", "checked_by")
    return sorted(present, key=lambda document: (document.required_id is None, document.required_id or 0, document.pk))


def documents_asked(application: Application, on: date) -> list[tuple[RequiredDocument, ApplicationDocument | None]]:
    """Each document that is asked for, and the one that was handed in for it."""
    present = {document.required.code: document for document in documents(application) if document.required}
    return [(required, present.get(required.code)) for required in policies.documents_asked(application, on)]


def steps_open_to(user: Any, application: Application, on: date) -> list[str]:
    """Of going on, answer, change, withdraw and appeal: what this person may do now on the side of the applicant."""
    if application.state == ApplicationState.REFUSED:
        speaks = passes(check_may_speak_for_applicant, user, application)
        can = passes(check_can_lodge, application, grounds="-", lodged_on=on, today=on)
        return ["appeal"] if speaks and can else []
    if application.state not in policies.OPEN or not passes(check_may_change, user, application):
        return []
    if application.state == ApplicationState.DRAFT:
        return ["tasks", "withdraw"]
    return ["answer", "change", "withdraw"] if application.state == ApplicationState.QUERIED else ["withdraw"]


def history(application: Application) -> list[dict[str, Any]]:
    """What was done with the application, the newest first; for whoever sees it."""
    events: QuerySet[AuditEvent] = AuditEvent.objects.filter(
        subject_kind="licensing.application", subject_number=application.number
    )
    return [
        {
            "title": title_of(event.verb),
            "by": event.by_username,
            "at": timezone.localtime(event.occurred_at),
            "text": event.reason,
        }
        for event in events.order_by("-occurred_at", "-id")
    ]
