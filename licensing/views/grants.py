"""What the page of a licence and that of an authorisation for a service have in common."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from licensing.models import Condition, Grant, Licence, ServiceAuthorisation
from licensing.permissions import check_may_impose
from licensing.policies import check_can_bear_conditions
from licensing.reports import history, steps_open_to
from licensing.states import ENDED_EARLY, EVENTS, LicencePhase, LicenceState
from registry.accounts.states import STAFF_ROLES
from registry.core.errors import passes
from registry.ui.html import link, tag

BUTTONS = {
    "approve": (gettext_lazy("Approve"), ""),
    "reject": (gettext_lazy("Reject"), "warning"),
    "suspend": (gettext_lazy("Suspend"), "warning"),
    "reinstate": (gettext_lazy("Reinstate"), ""),
    "revoke": (gettext_lazy("Revoke"), "warning"),
    "surrender": (gettext_lazy("Record that it was given back"), "secondary"),
}
CONDITION_COLUMNS = (gettext_lazy("Condition"), gettext_lazy("Due on"), gettext_lazy("State"))
SUSPENSION_COLUMNS = (
    gettext_lazy("Suspended from"),
    gettext_lazy("Ended on"),
    gettext_lazy("Grounds"),
    gettext_lazy("Notice given on"),
    gettext_lazy("To be looked at again on"),
    gettext_lazy("Decided by"),
)


def address(grant: Grant) -> str:
    return reverse(f"{grant.noun}-detail", args=[grant.number])


def facility_address(grant: Any) -> str:
    return reverse("facility-detail", args=[grant.facility.number])


def visible(request: HttpRequest, model: type[Grant], number: str) -> Any:
    of_what = "type" if model is Licence else "service"
    grants = model._default_manager.visible_to(request.user)  # type: ignore[attr-defined]
    related = (
        "facility__type",
        "facility__province",
        "facility__operator",
        of_what,
        "recorded_by",
        "decided_by",
        "application",
    )
    return get_object_or_404(grants.select_related(*related), number=number)


def about(request: HttpRequest, grant: Any) -> dict[str, Any]:
    """The context of the page, but for what only a licence or only an authorisation has."""
    user: Any = request.user
    today = timezone.localdate()
    phase = grant.phase(today)
    noun = grant.noun
    return {
        "grant": grant,
        "phase": phase,
        "notes": list(_notes(grant, phase, today)),
        "facility_href": facility_address(grant) if user.role in STAFF_ROLES else "",
        "facts": list(_facts(grant)),
        "steps": [
            (reverse(f"{noun}-{step}", args=[grant.number]), *BUTTONS[step]) for step in steps_open_to(user, grant)
        ],
        "impose_href": reverse(f"{noun}-impose", args=[grant.number]) if _may_impose(user, grant) else "",
        "conditions": [condition_row(condition, today) for condition in grant.conditions.order_by("-imposed_at")],
        "condition_columns": CONDITION_COLUMNS,
        "suspensions": [
            [
                suspension.from_on,
                suspension.ends_on or "–",
                suspension.grounds,
                suspension.notice_on,
                suspension.review_on or "–",
                suspension.decided_by or "–",
            ]
            for suspension in grant.suspensions.select_related("decided_by").order_by("-from_on", "-id")
        ],
        "suspension_columns": SUSPENSION_COLUMNS,
        "events": [
            {
                "title": EVENTS.get(event.verb, event.verb),
                "by": event.by_username,
                "at": timezone.localtime(event.occurred_at),
                "text": "\n\n".join(filter(None, (event.facts.get("text"), event.reason))),
            }
            for event in history(grant)
        ],
    }


def condition_row(condition: Condition, today: date) -> list[Any]:
    phase = condition.phase(today)
    return [
        link("condition-detail", condition.pk, text=condition.text),
        condition.due_on or "–",
        tag(phase.label, phase),
    ]


def _may_impose(user: Any, grant: Grant) -> bool:
    return passes(check_may_impose, user) and passes(check_can_bear_conditions, grant)


def _notes(grant: Any, phase: LicencePhase, today: date) -> Iterator[str]:
    if grant.state in ENDED_EARLY and grant.valid_from <= today <= grant.last_day:
        yield _("It still holds until %(day)s.") % {"day": date_format(grant.last_day)}
    if grant.state == LicenceState.SUSPENDED and today < grant.suspended_from:
        yield _("It is suspended from %(day)s.") % {"day": date_format(grant.suspended_from)}
    if phase == LicencePhase.SUSPENDED and isinstance(grant, ServiceAuthorisation):
        licence = Licence.objects.in_force(today).filter(facility=grant.facility_id).first()
        if licence is not None:
            yield _("Only this service is suspended: licence %(number)s of the facility stays in force.") % {
                "number": licence.number
            }


def _facts(grant: Any) -> Iterator[tuple[str, Any]]:
    yield _("Facility number"), grant.facility.number
    if isinstance(grant, Licence):
        yield _("Licence type"), grant.type
        yield _("Issuing authority"), grant.type.get_authority_display()
    else:
        yield _("Service"), grant.service
    yield _("First day"), grant.valid_from
    yield _("Last day"), grant.valid_until
    if grant.notice_on:
        yield _("Notice given on"), grant.notice_on
    if grant.ended_on:
        yield _("First day without it"), grant.ended_on
    if grant.reason:
        yield _("Reason"), grant.reason
    if grant.application:
        yield _("Application"), link("application-detail", grant.application.number, text=grant.application)
    yield _("Recorded by"), grant.recorded_by or grant.source
    if grant.decided_by:
        yield _("Decided by"), grant.decided_by
