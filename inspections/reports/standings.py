"""How a facility came to stand where it does: its counting visits, its sections first against latest."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _

from inspections import rules
from inspections.models import Band, ChecklistSection, Visit
from inspections.reports.explanations import explanation
from registry.models import Facility

MOST_VISITS = 60


@dataclass(frozen=True)
class Dot:
    """A scored visit on the chart, as percentages of its width and height from the upper left corner."""

    visit: Visit
    x: Decimal
    y: Decimal


@dataclass(frozen=True)
class Compared:
    """One section on the first and on the latest visit, in whole per cent; None where it did not count."""

    section: ChecklistSection | str
    first: int | None
    latest: int | None


def counting_visits(facility: Facility) -> list[Visit]:
    """The visits that move the facility's standing, the latest first. Three queries."""
    visits = facility.visits.counting().select_related("ruleset", "checklist_version__checklist")
    newest = visits.prefetch_related("ruleset__bands").order_by("-visited_on", "-pk").defer("carried")
    found: list[Visit] = list(newest[:MOST_VISITS])
    return found


def chart(visits: Sequence[Visit]) -> tuple[list[Dot], list[tuple[Dot, Dot]]]:
    """The scored visits as dots from left to right, and the lines between them; one alone stands in the middle."""
    scored = [visit for visit in reversed(visits) if visit.score is not None and visit.visited_on is not None]
    if not scored:
        return [], []
    days = [visit.visited_on.toordinal() for visit in scored if visit.visited_on is not None]
    whole = days[-1] - days[0]
    dots = [
        Dot(visit, x=_across(day - days[0], whole), y=100 - Decimal(visit.score or 0))
        for visit, day in zip(scored, days, strict=True)
    ]
    return dots, list(pairwise(dots))


def _across(days: int, whole: int) -> Decimal:
    return Decimal(3 + 94 * days / whole).quantize(Decimal("0.1")) if whole else Decimal(50)


def by_section(visits: Sequence[Visit]) -> list[Compared]:
    """Each section that counted on the first or on the latest visit, in the order of the latest checklist."""
    scored = [visit for visit in visits if visit.section_scores]
    if len(scored) < 2:
        return []
    latest, first = scored[0], scored[-1]
    names = {
        section.code: section
        for visit in (first, latest)
        if visit.checklist_version
        for section in visit.checklist_version.sections.order_by("position")
    }
    codes = [*names, *sorted({*first.section_scores, *latest.section_scores} - names.keys())]
    return [
        Compared(names.get(code, code), _percent(first, code), _percent(latest, code))
        for code in codes
        if code in first.section_scores or code in latest.section_scores
    ]


def why(facility: Facility, visits: Sequence[Visit]) -> list[str]:
    """In sentences, how the latest visit led to the band and the next due day; empty where its answers are not here."""
    latest = visits[0] if visits else None
    if latest is None or latest.checklist_version is None or latest.visited_on is None:
        return []
    structure = rules.structure(latest.checklist_version)
    latest.facility = facility
    result = rules.result(latest, structure, visited_on=latest.visited_on)
    return explanation(latest, result, structure, bands=[visit.band for visit in visits])


def in_a_row(visits_in_band: int) -> str:
    return _("this visit alone") if visits_in_band == 1 else _("%(count)s in a row") % {"count": visits_in_band}


def bands_behind(visits: Sequence[Visit]) -> list[dict[str, Any]]:
    """The bands of the latest visit's ruleset as stripes, from the top of the chart down."""
    if not visits:
        return []
    bands: list[Band] = sorted(visits[0].ruleset.bands.all(), key=lambda band: band.from_percent)
    tops = [Decimal(100) if band.below_percent is None else band.below_percent for band in bands]
    return [
        {"band": band, "y": 100 - top, "height": top - band.from_percent, "text": band.from_percent.normalize()}
        for band, top in zip(bands, tops, strict=True)
    ]


def _percent(visit: Visit, code: str) -> int | None:
    points = visit.section_scores.get(code)
    if points is None:
        return None
    percent = rules.percent([(Fraction(points["observed"]), Fraction(points["maximum"]))])
    return None if percent is None else round(percent)
