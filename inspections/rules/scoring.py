"""From answers to a score. Pure functions: the same answers to the same version give the same score for ever."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from inspections.models import ChecklistItem, ChecklistSection, ChecklistVersion, Visit
from inspections.states import GRID, Answer, AnswerKind, Scope

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
