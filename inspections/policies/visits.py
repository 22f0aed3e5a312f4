"""What the law allows to be done with a visit."""

from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
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
    Mended,
    Scope,
    Severity,
    VisitOutcome,
    VisitState,
)
from registry.core.errors import Refused

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


def check_can_fill(visit: Visit) -> None:
    if visit.state not in FILLABLE:
        raise Refused(
            _("This visit is “%(state)s”; its answers are locked.") % {"state": visit.get_state_display()},
            code="answers_locked",
        )


def check_answers_fit(items: Mapping[str, ChecklistItem], carried: Collection[str], answers: Mapping[str, Any]) -> None:
    """Every answer belongs to an item of the visit's version, or to an earlier finding, and is of its kind."""
    for key, answer in answers.items():
        if key.startswith(rules.CARRIED) and key.removeprefix(rules.CARRIED) in carried:
            sentence = fault_in(None, answer)
        elif key in items:
            sentence = fault_in(items[key], answer)
        else:
            raise Refused(_("The checklist has no item “%(item)s”.") % {"item": key}, code="unknown_item")
        if sentence:
            raise Refused(sentence, code="wrong_answer")


def fault_in(item: ChecklistItem | None, answer: Any) -> str:
    """What is wrong with an answer to this item (None: to an earlier finding), in a sentence; nothing if it fits."""
    name = {"item": item or _("Findings of earlier visits")}
    if (
        not isinstance(answer, dict)
        or answer.keys() - _parts_of(item)
        or not all(isinstance(text, str) for text in answer.values())
    ):
        return _("The answer to “%(item)s” is not one of its answers.") % name
    given = rules.tidy(item, answer)
    if max(map(len, given.values()), default=0) > NOTE_LENGTH:
        return _("“%(item)s”: write at most %(length)s characters.") % {**name, "length": NOTE_LENGTH}
    if any(given.get(part, words[0]) not in words for part, words in WORDS.items()):
        return _("“%(item)s”: choose one of the answers.") % name
    value = given.get("value")
    if item is None or not value:
        return ""
    if item.kind == AnswerKind.CHOICE and value not in [choice["code"] for choice in item.choices]:
        return _("“%(item)s”: choose one of the answers.") % name
    if item.kind in (AnswerKind.COUNT, AnswerKind.PHOTO) and not (value.isascii() and value.isdecimal()):
        return _("“%(item)s”: write a whole number.") % name
    if item.kind == AnswerKind.MEASURE and not _is_number(value):
        return _("“%(item)s”: write a number.") % name
    return ""


def place_of(latitude: Decimal | None, longitude: Decimal | None) -> tuple[Decimal, Decimal] | None:
    """The point that a device gave, to a tenth of a metre; None where it gave none. Refused where there is none."""
    if latitude is None or longitude is None:
        return None
    if not (abs(latitude) <= 90 and abs(longitude) <= 180):
        raise Refused(_("This is no place on earth."), code="no_such_place")
    return round(latitude, 6), round(longitude, 6)


WORDS: dict[str, list[str]] = {
    "answer": Answer.values,
    "severity": [str(severity) for severity in Severity.values],
    "scope": [str(scope) for scope in Scope.values],
    "corrected": ["yes"],
    "mended": Mended.values,
}


def _parts_of(item: ChecklistItem | None) -> set[str]:
    if item is None:
        return {"mended", "note"}
    return {"answer", "note", *rules.WEIGHING} if item.kind == AnswerKind.COMPLIANCE else {"value", "note"}


def _is_number(text: str) -> bool:
    try:
        return Decimal(text).is_finite()
    except InvalidOperation:
        return False


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
    if open_findings := [key for key, given in visit.carried.items() if not given.get("mended")]:
        raise Refused(
            ngettext(
                "%(count)s finding of an earlier visit is not answered: is it mended or not?",
                "%(count)s findings of earlier visits are not answered: are they mended or not?",
                len(open_findings),
            )
            % {"count": len(open_findings)},
            code="findings_unanswered",
        )


def check_reason(reason: str) -> None:
    if not reason.strip():
        raise Refused(_("Give a reason."), code="no_reason")
