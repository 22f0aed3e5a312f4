"""How far two visits to the same place differ that used the same checklist version. Pure functions."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from inspections.models import ChecklistItem, ChecklistSection
from inspections.rules.scoring import Structure, key
from inspections.states import Answer, AnswerKind

COMPARED = (AnswerKind.COMPLIANCE, AnswerKind.CHOICE)
"""Kinds with a few possible answers. What was counted, measured or written differs from day to day."""


@dataclass(frozen=True)
class Difference:
    """One item that at least one of the two visits answered: both answers, empty where there is none."""

    key: str
    section: ChecklistSection
    item: ChecklistItem
    first: str
    second: str

    @property
    def differs(self) -> bool:
        return self.first != self.second

    @property
    def graver(self) -> bool:
        """The repeat found fault where the first visit found none."""
        return self.first in (Answer.YES, Answer.NOT_APPLICABLE) and self.second in (Answer.NO, Answer.PARTIAL)


def compare(structure: Structure, first: Mapping[str, Any], second: Mapping[str, Any]) -> list[Difference]:
    """Item by item, in the order of the checklist, what two sets of answers to it say.

    An item that only one of the visits asked differs too: then they did not agree on what applies.
    """
    found = []
    for section, items in structure:
        for item in items:
            if item.kind not in COMPARED:
                continue
            name = key(section, item)
            said = [_said(answers.get(name, {})) for answers in (first, second)]
            if any(said):
                found.append(Difference(name, section, item, *said))
    return found


def rate(differing: int, compared: int) -> int | None:
    """Per cent of the compared items that differ, rounded half up; None where nothing was compared."""
    return None if not compared else (200 * differing + compared) // (2 * compared)


def _said(answer: Mapping[str, Any]) -> str:
    return str(answer.get("answer") or answer.get("value") or "")
