"""What the page of a visit in progress says, and says again after every answer."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from inspections import rules
from inspections.models import Finding, Visit
from inspections.states import AnswerKind, VisitOutcome, VisitState
from registry.models import Facility


@dataclass(frozen=True)
class Progress:
    """How far a visit is: what must be answered and is, by section code too, and the result so far in words."""

    answered: int
    asked: int
    sections: Mapping[str, tuple[int, int]]
    asking: Collection[str]
    """Keys of the items that are asked, given what is answered so far."""
    result: str


def progress(visit: Visit, structure: rules.Structure, *, on: date) -> Progress:
    """The same rules as at approval, over what is answered so far, as if the visit were over `on` that day."""
    setting = rules.setting(visit)
    parts = rules.applicable(structure, setting, visit.answers)
    missing = Counter(section.code for section, _item in rules.unanswered(structure, visit.answers, setting))
    sections = {}
    for section, items in parts:
        asked = sum(item.required or item.kind == AnswerKind.COMPLIANCE for item in items)
        sections[section.code] = (asked - missing[section.code], asked)
    if visit.carried:
        mended = sum(bool(given.get("mended")) for given in visit.carried.values())
        sections[rules.CARRIED] = (mended, len(visit.carried))
    result = rules.result(visit, structure, visited_on=on)
    words = _("%(percent)s per cent") % {"percent": number_format(result.percent)} if result.percent is not None else ""
    return Progress(
        answered=sum(answered for answered, _asked in sections.values()),
        asked=sum(asked for _answered, asked in sections.values()),
        sections=sections,
        asking={rules.key(section, item) for section, items in parts for item in items},
        result=f"{words} – {result.band}" if words and result.band else words,
    )


def carried_findings(visit: Visit) -> list[Finding]:
    """The findings of earlier visits that this visit answers, the gravest first. One query, none without any."""
    if not visit.carried:
        return []
    return list(Finding.objects.filter(pk__in=visit.carried).select_related("visit").order_by("-severity", "pk"))


def refusals(facility: Facility) -> int:
    """How often entry was refused since the last completed visit; three times are a ground for closure. Two queries."""
    ended: Any = Visit.objects.filter(facility=facility, state=VisitState.APPROVED)
    last = Visit.objects.counting().filter(facility=facility).order_by("-visited_on").values("visited_on").first()
    refused = ended.filter(outcome=VisitOutcome.REFUSED)
    return refused.filter(visited_on__gt=last["visited_on"]).count() if last else refused.count()
