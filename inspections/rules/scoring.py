"""From answers to a score, from a score to a band, from a band to the next due date.

Pure functions: the same visit with its own checklist version and ruleset gives the same numbers for ever.
The source of each rule is the ruleset's own; the demonstration ruleset follows Kenya's Joint Health Inspection
Checklist (Legal Notice 46/2016) with its printed bands read as half-open intervals.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Any

from inspections.models import Band, ChecklistItem, ChecklistSection, ChecklistVersion, Ruleset, Visit
from inspections.states import GRID, Answer, AnswerKind, LicenceSeen, Scope
from registry.core.dates import add_months

SHARE = {Answer.YES: Fraction(1), Answer.PARTIAL: Fraction(1, 2), Answer.NO: Fraction(0)}
"""What part of its weight an item earns; an item that is not applicable or not answered is not in the maximum."""

Answers = Mapping[str, Mapping[str, str]]
AppliesWhen = Mapping[str, Sequence[str]]
Structure = Sequence[tuple[ChecklistSection, Sequence[ChecklistItem]]]


@dataclass(frozen=True)
class Setting:
    """What decides which items apply: the facility's type and level (codes) and the services found there (codes)."""

    type: str = ""
    level: str = ""
    services: frozenset[str] = frozenset()

    def fits(self, applies_when: AppliesWhen) -> bool:
        types, levels, services = (applies_when.get(name) for name in ("types", "levels", "services"))
        return (
            (not types or self.type in types)
            and (not levels or self.level in levels)
            and (not services or not self.services.isdisjoint(services))
        )


def setting(visit: Visit) -> Setting:
    """The setting of a visit, as it was on the day the visit began."""
    return Setting(visit.facility_type, visit.facility_level, frozenset(visit.services))


@dataclass(frozen=True)
class SectionScore:
    """Points of one section: `observed` of `maximum`, with how many of its applicable questions are answered."""

    section: ChecklistSection
    observed: Fraction
    maximum: Fraction
    answered: int
    asked: int

    @property
    def percent(self) -> Fraction | None:
        return 100 * self.observed / self.maximum if self.maximum else None


@dataclass(frozen=True)
class Score:
    """`percent` is exact, 0 to 100, or None where nothing counted; `failed_critical` are keys of items answered no."""

    percent: Fraction | None
    sections: tuple[SectionScore, ...]
    failed_critical: tuple[str, ...]


def structure(version: ChecklistVersion | None) -> Structure:
    """The sections of a version in order, each with its items in order. Two queries, however long.

    An imported visit may have no version, hence no sections.
    """
    if version is None:
        return []
    sections = version.sections.order_by("position")
    items: dict[int, list[ChecklistItem]] = {}
    for item in ChecklistItem.objects.filter(section__version=version).order_by("position"):
        items.setdefault(item.section_id, []).append(item)
    return [(section, items.get(section.pk, [])) for section in sections]


def key(section: ChecklistSection, item: ChecklistItem) -> str:
    """The name of an item in the answers of a visit: "S02.A01"."""
    return f"{section.code}.{item.code}"


def applicable(structure: Structure, setting: Setting, answers: Answers) -> Structure:
    """The sections and items to be answered in this setting, given what earlier items were answered.

    A condition on an item that does not apply itself, or is not answered, does not hold. Sections without an
    applicable item are left out.
    """
    applying: dict[str, str] = {}
    sections = []
    for section, items in structure:
        if not setting.fits(section.applies_when):
            continue
        asked = []
        for item in items:
            if not setting.fits(item.applies_when) or not all(
                applying.get(condition["item"]) in condition["is"] for condition in item.asked_if
            ):
                continue
            asked.append(item)
            given = answers.get(key(section, item), {})
            applying[key(section, item)] = given.get("answer") or given.get("value") or ""
        if asked:
            sections.append((section, asked))
    return sections


def services_asked_about(structure: Structure) -> set[str]:
    """Codes of the services on which it depends which parts apply."""
    conditions = [section.applies_when for section, _items in structure]
    conditions += [item.applies_when for _section, items in structure for item in items]
    return {code for condition in conditions for code in condition.get("services", ())}


def unanswered(
    structure: Structure, answers: Answers, setting: Setting
) -> list[tuple[ChecklistSection, ChecklistItem]]:
    """The applicable questions that must be answered and are not, in order: those of compliance, and those of
    another kind that say so."""

    def is_missing(section: ChecklistSection, item: ChecklistItem) -> bool:
        given = answers.get(key(section, item), {})
        if item.kind == AnswerKind.COMPLIANCE:
            return not given.get("answer")
        return item.required and not given.get("value")

    parts = applicable(structure, setting, answers)
    return [(section, item) for section, items in parts for item in items if is_missing(section, item)]


def score(structure: Structure, answers: Answers, setting: Setting) -> Score:
    """Points over the applicable maximum.

    An item counts with its weight where its section is scored, section and item apply in the `setting`,
    and the answer is yes (all of the weight), partly (half) or no (nothing). Not applicable takes it out of the
    maximum; so does a missing answer, which only drafts have: submission asks for all of them. Counts, measures and
    texts never count. Raises ValueError where a stored answer is none of these words.
    """
    sections, failed = [], []
    for section, items in applicable(structure, setting, answers):
        observed = maximum = Fraction(0)
        answered = asked = 0
        for item in items:
            if item.kind != AnswerKind.COMPLIANCE:
                continue
            asked += 1
            given = answers.get(key(section, item), {}).get("answer")
            if not given:
                continue
            answered += 1
            answer = Answer(given)
            if answer == Answer.NOT_APPLICABLE:
                continue
            if item.critical and answer == Answer.NO:
                failed.append(key(section, item))
            if section.scored:
                observed += SHARE[answer] * Fraction(item.weight)
                maximum += Fraction(item.weight)
        sections.append(SectionScore(section, observed, maximum, answered, asked))
    points = [(section.observed, section.maximum) for section in sections]
    return Score(percent(points), tuple(sections), tuple(failed))


def percent(points: Sequence[tuple[Fraction | Decimal, Fraction | Decimal]]) -> Fraction | None:
    """All observed points as an exact percentage of all maxima; None where no maximum is above zero."""
    maximum = sum((Fraction(of) for _, of in points), Fraction(0))
    return 100 * sum((Fraction(observed) for observed, _ in points), Fraction(0)) / maximum if maximum else None


def rounded(percent: Fraction, ruleset: Ruleset) -> Decimal:
    """The percentage as stored and put into a band: rounded half up to the ruleset's decimal places."""
    whole = floor(percent * 10**ruleset.decimal_places + Fraction(1, 2))
    return Decimal(whole).scaleb(-ruleset.decimal_places)


def band_for(
    percent: Fraction | Decimal | None,
    ruleset: Ruleset,
    *,
    failed_critical: bool = False,
    licence_seen: str = "",
) -> Band | None:
    """The band of a percentage (0 to 100, or None), by the ruleset's half-open intervals: 40 is in [40, 60).

    Where no licence at all was shown the ruleset's `unlicensed_band` stands, whatever the percentage, also None.
    Otherwise None (nothing counted) is in no band, and a failed critical item keeps the band at or below the
    ruleset's `critical_cap`. Raises LookupError where the ruleset leaves a gap at this percentage.
    """
    bands = {band.code: band for band in ruleset.bands.all()}
    if licence_seen == LicenceSeen.NONE and ruleset.unlicensed_band:
        return bands[ruleset.unlicensed_band]
    if percent is None:
        return None
    figure = rounded(Fraction(percent), ruleset)
    for band in bands.values():
        if band.from_percent <= figure and (band.below_percent is None or figure < band.below_percent):
            break
    else:
        raise LookupError(f"{ruleset} has no band for {figure}")
    if failed_critical and ruleset.critical_cap in bands:
        return min(band, bands[ruleset.critical_cap], key=lambda band: band.from_percent)
    return band


def next_due(visited_on: date, band: Band | None, ruleset: Ruleset) -> date:
    """The day by which the facility is to be visited again.

    So many months after the visit as its band says, but never later than the ruleset's hard maximum. Where the band
    names no months (non-compliant: re-inspection on request, after correction) or there is no band, the hard maximum
    stands alone, so that nobody is forgotten who never asks.
    """
    months = ruleset.hard_maximum_months
    if band is not None and band.months_to_next_visit is not None:
        months = min(months, band.months_to_next_visit)
    return add_months(visited_on, months)


@dataclass(frozen=True)
class Result:
    """What approval writes to a visit: `percent` rounded by the ruleset or None, `band` or None, the next due day."""

    score: Score
    percent: Decimal | None
    band: Band | None
    next_due_on: date

    @property
    def band_code(self) -> str:
        return self.band.code if self.band else ""

    @property
    def section_scores(self) -> dict[str, dict[str, str]]:
        """Exact points by section code, as decimal texts: {"S01": {"observed": "3.5", "maximum": "4"}}."""
        return {
            part.section.code: {"observed": f"{decimal(part.observed):f}", "maximum": f"{decimal(part.maximum):f}"}
            for part in self.score.sections
            if part.section.scored
        }


def result(visit: Visit, structure: Structure, *, visited_on: date) -> Result:
    """Score a visit with its own answers, services and ruleset; `structure` is that of its own version."""
    found = score(structure, visit.answers, setting(visit))
    ruleset = visit.ruleset
    band = band_for(
        found.percent, ruleset, failed_critical=bool(found.failed_critical), licence_seen=visit.licence_seen
    )
    return Result(
        score=found,
        percent=None if found.percent is None else rounded(found.percent, ruleset),
        band=band,
        next_due_on=next_due(visited_on, band, ruleset),
    )


def letter(severity: int, scope: int) -> str:
    """What 42 CFR 488.404 calls this severity (1 to 4) and scope (1 to 3)."""
    return GRID[(severity - 1) * len(Scope) + scope - 1]


def decimal(points: Fraction) -> Decimal:
    """Points are sums of halves of weights with three decimal places, so four places hold them exactly."""
    return (Decimal(points.numerator) / points.denominator).quantize(Decimal("0.0001")).normalize()


@dataclass(frozen=True)
class Merge:
    """The answers of two people who began from the same page, and the items where both wrote different things."""

    answers: dict[str, Any]
    conflicts: tuple[str, ...]


def merge(*, base: Answers, stored: Answers, typed: Answers) -> Merge:
    """Put what was `typed` (some items) over what is `stored` (all items), both begun from `base`.

    An item left as it was keeps what another saved meanwhile. Items that both changed, differently, are conflicts;
    they keep what is stored.
    """
    answers, conflicts = dict(stored), []
    for item, answer in typed.items():
        before, now = base.get(item) or {}, stored.get(item) or {}
        if answer in (before, now):
            continue
        if now != before:
            conflicts.append(item)
        elif answer:
            answers[item] = answer
        else:
            answers.pop(item, None)
    return Merge(answers, tuple(conflicts))
