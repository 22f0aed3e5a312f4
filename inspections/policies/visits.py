"""What the law allows to be done with a visit."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from inspections import rules
from inspections.models import ChecklistItem, Visit
from inspections.states import (
    VISIT_TRANSITIONS,
    Answer,
    AnswerKind,
    LicenceSeen,
    VisitOutcome,
    VisitState,
)
from registry.accounts.models import User
from registry.accounts.states import Role
from registry.core.errors import Refused
from registry.models import Facility
from registry.states import OperationalStatus

FILLABLE = (VisitState.IN_PROGRESS, VisitState.RETURNED)
NOTE_LENGTH = 2000


def check_can_move(visit: Visit, state: VisitState) -> None:
    """The life cycle of `states.VISIT_TRANSITIONS`."""
    if state not in VISIT_TRANSITIONS[visit.state]:
        raise Refused(
            _("This visit is “%(state)s” and cannot become “%(wanted)s”.")
            % {"state": visit.get_state_display(), "wanted": state.label},
            code="wrong_state",
        )


def check_can_plan(facility: Facility, inspector: User, planned_on: date, today: date) -> None:
    if facility.operational_status == OperationalStatus.CLOSED:
        raise Refused(_("This facility is closed; there is nothing to visit."), code="facility_closed")
    if not inspector.is_active or inspector.role != Role.INSPECTOR or inspector.province_id != facility.province_id:
        raise Refused(_("Choose an inspector of the facility's own province."), code="wrong_inspector")
    if planned_on < today:
        raise Refused(_("A visit is planned for today or later."), code="planned_in_the_past")


def check_nothing_under_way(facility: Facility) -> None:
    if facility.visits.filter(state__in=(VisitState.PLANNED, VisitState.IN_PROGRESS)).exists():
        raise Refused(_("A visit to this facility is already planned or in progress."), code="visit_already_under_way")


def check_can_fill(visit: Visit) -> None:
    if visit.state not in FILLABLE:
        raise Refused(
            _("This visit is “%(state)s”; its answers are locked.") % {"state": visit.get_state_display()},
            code="answers_locked",
        )


def check_answers_fit(items: Mapping[str, ChecklistItem], answers: Mapping[str, Any]) -> None:
    """Every answer belongs to an item of the visit's version and is of its kind."""
    for key, answer in answers.items():
        item = items.get(key)
        if item is None:
            raise Refused(_("The checklist has no item “%(item)s”.") % {"item": key}, code="unknown_item")
        known = {"answer", "note"} if item.kind == AnswerKind.COMPLIANCE else {"value", "note"}
        if (
            not isinstance(answer, dict)
            or answer.keys() - known
            or any(not isinstance(text, str) or len(text) > NOTE_LENGTH for text in answer.values())
            or answer.get("answer", Answer.YES) not in Answer.values
        ):
            raise Refused(_("The answer to “%(item)s” is not one of its answers.") % {"item": key}, code="wrong_answer")


def check_can_submit(
    visit: Visit, *, structure: rules.Structure, visited_on: date, outcome: str, licence_seen: str, today: date
) -> None:
    """A completed visit answers every applicable item; one that failed needs no answers, only its day."""
    check_can_move(visit, VisitState.SUBMITTED)
    if outcome not in VisitOutcome.values:
        raise Refused(_("Say how the visit ended."), code="no_outcome")
    if visited_on > today:
        raise Refused(_("The day of the visit is not yet over: it cannot lie ahead."), code="visited_in_the_future")
    if outcome != VisitOutcome.COMPLETED:
        return
    if licence_seen not in LicenceSeen.values or (
        (licence_seen == LicenceSeen.NOT_NEEDED) == visit.facility.type.licence_needed
    ):
        raise Refused(_("Say what licence the facility showed."), code="no_licence_answer")
    if missing := rules.unanswered(structure, visit.answers, rules.setting(visit)):
        section, item = missing[0]
        raise Refused(
            ngettext(
                "%(count)s item is not answered: “%(item)s” in the section “%(section)s”.",
                "%(count)s items are not answered. The first is “%(item)s” in the section “%(section)s”.",
                len(missing),
            )
            % {"count": len(missing), "item": item, "section": section},
            code="unanswered",
        )


def check_reason(reason: str) -> None:
    if not reason.strip():
        raise Refused(_("Give a reason."), code="no_reason")
