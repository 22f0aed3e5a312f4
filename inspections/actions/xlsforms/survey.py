"""The rows of the sheet “survey”: a group is a section, a group within it a heading, every other row a question."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from django.utils.translation import gettext as _

from inspections.actions.xlsforms import cells
from inspections.actions.xlsforms.choices import ChoiceList, khmer_faults
from inspections.actions.xlsforms.faults import Fault
from inspections.actions.xlsforms.questions import Conditions, Question, Questions
from inspections.actions.xlsforms.sheets import Line, Sheet
from inspections.actions.xlsforms.words import (
    METADATA,
    REFUSED_TYPES,
    TRUE,
    understood,
)
from inspections.models import ChecklistItem, ChecklistSection
from inspections.policies import Known
from inspections.states import Answer, AnswerKind

OF_ITEMS = ("kind", "unit", "weight", "critical", "clause", "severity")
"""Columns that say something about a question only."""


@dataclass
class Group:
    """A group that is not closed yet; one without a row holds the questions of a form that has no groups."""

    word: str
    line: Line | None
    asked_if: Conditions = field(default_factory=list)
    heading: tuple[str, str] = ("", "")
    notes: list["Note"] = field(default_factory=list)
    rows: int = 0


@dataclass(frozen=True)
class Note:
    """What is to be read before the next question, which takes it into its guidance."""

    line: Line
    km: str
    en: str


class Survey(Questions):
    def __init__(
        self, *, lists: Mapping[str, ChoiceList], known: Known, title: Mapping[str, Any], faults: list[Fault]
    ) -> None:
        super().__init__(lists=lists, faults=faults)
        self.known, self.title = known, title
        self.sections: list[dict[str, Any]] = []
        self.metadata: list[int] = []
        """Rows that a telephone would fill in."""
        self.open: list[Group] = []
        self.names: dict[str, tuple[str, int]] = {}
        self.section_names: dict[str, tuple[str, int]] = {}
        self.keys: dict[str, int] = {}
        self.has_groups = True

    def read(self, sheet: Sheet) -> list[dict[str, Any]]:
        lines = [line for line in sheet.lines if line.text("disabled").lower() not in TRUE]
        self.has_groups = any(understood(line.text("type"))[0] == "begin group" for line in lines)
        self.ahead |= {line.text("name") for line in lines}
        for line in lines:
            self._row(line)
        while self.open:
            group = self.open.pop()
            if group.line is None:
                self._blame_notes(group)
            else:
                self._blame(group.line, "type", _("The group is never closed."))
        return self.sections

    def _row(self, line: Line) -> None:
        word, rest = understood(line.text("type"))
        if not word:
            self._blame(line, "type", _("The row has no type."))
            self._count()
        elif word.startswith("begin "):
            self._begin(line, word.removeprefix("begin "))
        elif word.startswith("end "):
            self._end(line, word.removeprefix("end "))
        elif word in METADATA:
            self.metadata.append(line.number)
        elif word == "note":
            self._note(line)
        else:
            self._question(line, word, rest)

    def _begin(self, line: Line, word: str) -> None:
        self._refuse_columns(line, OF_ITEMS)
        group = Group(word, line, asked_if=[*(self.open[-1].asked_if if self.open else ()), *self._asked_if(line)])
        label = (self._text(line, "label_km", "heading_km"), self._text(line, "label_en", "heading_en"))
        self.faults += khmer_faults(line, "label_km", "hint_km")
        if line.raw("hint_km") or line.raw("hint_en"):
            group.notes.append(self._read_note(line, "hint"))
        if word == "repeat":
            self._blame(line, "type", str(REFUSED_TYPES["repeat"]))
            self._section_around(line)
        elif not self.open:
            self._section(line)
        elif len(self.open) == 1 or self.open[0].word == "repeat":
            self._refuse_columns(line, ("scored", "applies_types", "applies_services", "applies_levels"))
            self._name(line, self.names)
            group.heading = label
        elif not any(outer.word == "repeat" for outer in self.open):
            sentence = _("A section has headings and no further groups within them. Close the group before this one.")
            self._blame(line, "type", sentence)
        self._count()
        self.open.append(group)

    def _count(self) -> None:
        if self.open:
            self.open[-1].rows += 1

    def _section(self, line: Line) -> None:
        self._name(line, self.section_names)
        self.names = {}
        name_en = self._text(line, "label_en", "name_en", ChecklistSection)
        if not name_en:
            self._blame(line, "label_en", _("The section has no name in English."))
        self.sections.append(
            {
                "code": self._section_code(line),
                "name_km": self._text(line, "label_km", "name_km", ChecklistSection),
                "name_en": name_en,
                "scored": cells.yes_or_no(line, "scored", self.faults, otherwise=True),
                "applies_when": cells.applies_when(line, self.known, self.faults),
                "item": [],
            }
        )

    def _section_code(self, line: Line) -> str:
        code = self._code(line, ChecklistSection)
        if line.number not in self.ill_named and any(section["code"] == code for section in self.sections):
            self._blame(line, "code", _("Another section has the code “%(code)s”.") % {"code": code})
        return code

    def _section_around(self, line: Line) -> None:
        """A place for rows that are read only for their faults, or for a form without groups."""
        if not self.open:
            self.names = {}
            name_en = self.title["name_en"] or self.title["code"] or "S01"
            self.sections.append(
                {
                    "code": "S01",
                    "name_km": self.title["name_km"],
                    "name_en": name_en,
                    "scored": True,
                    "applies_when": {},
                    "item": [],
                }
            )

    def _end(self, line: Line, word: str) -> None:
        if not self.open or self.open[-1].line is None:
            self._blame(line, "type", _("No group is open that could be closed here."))
            return
        if self.open[-1].word != word:
            self._blame(line, "type", _("The group that is open here was begun in another way."))
        group = self.open.pop()
        self._blame_notes(group)
        if not group.rows and not self.open and group.line is not None:
            self._blame(group.line, "type", _("The section has no question."))

    def _blame_notes(self, group: Group) -> None:
        for note in group.notes:
            self._blame(note.line, "type", _("No question follows this note in its group. Make it a hint."))

    def _note(self, line: Line) -> None:
        self._refuse_columns(line)
        if line.text("name"):
            self.questions.setdefault(line.text("name"), []).append(None)
        if line.raw("relevant"):
            self._blame(line, "relevant", _("A note becomes part of the next question and cannot depend on an answer."))
        elif self._inside(line):
            self.faults += khmer_faults(line, "label_km")
            self.open[-1].notes.append(self._read_note(line, "label"))

    def _read_note(self, line: Line, base: str) -> Note:
        return Note(
            line, *(self._text(line, f"{base}_{language}", f"guidance_{language}") for language in ("km", "en"))
        )

    def _inside(self, line: Line) -> bool:
        if not self.open and not self.has_groups:
            self._section_around(line)
            self.open.append(Group("group", None))
        if not self.open:
            self._blame(line, "type", _("The row is outside of every group; a checklist has sections only."))
        return bool(self.open)

    def _question(self, line: Line, word: str, rest: str) -> None:
        name = self._name(line, self.names)
        kind, choices = self._kind(line, word, rest)
        self._count()
        if not kind or not self._inside(line):
            self._forget_notes()
            self.questions.setdefault(name, []).append(None)
            return
        self._refuse_columns(line, ("scored",))
        section, group = self.sections[-1], self.open[-1]
        item = self._item(line, kind, choices) | {
            "asked_if": [*group.asked_if, *self._asked_if(line)],
            "heading_km": group.heading[0],
            "heading_en": group.heading[1],
        }
        self._forget_notes()
        section["item"].append(item)
        key = f"{section['code']}.{item['code']}"
        if key in self.keys and (line.text("code") or line.number not in self.ill_named):
            sentence = _("Row %(row)s has the code “%(code)s” already.")
            self._blame(line, "code", sentence % {"code": item["code"], "row": self.keys[key]})
        self.keys.setdefault(key, line.number)
        answers = tuple(Answer.values) if kind == AnswerKind.COMPLIANCE else tuple(c["code"] for c in choices)
        asked = Question(key, answers or None)
        self.questions.setdefault(name, []).append(asked)

    def _item(self, line: Line, kind: AnswerKind, choices: list[dict[str, str]]) -> dict[str, Any]:
        self.faults += khmer_faults(line, "label_km", "hint_km", "guidance_hint_km")
        label_en = self._text(line, "label_en", "label_en")
        if not label_en:
            self._blame(line, "label_en", _("The question has no label in English."))
        return {
            "code": self._code(line, ChecklistItem),
            "label_km": self._text(line, "label_km", "label_km"),
            "label_en": label_en,
            "kind": kind.value,
            "unit": self._text(line, "unit", "unit"),
            "choices": choices if kind == AnswerKind.CHOICE else [],
            "required": self._required(line, kind),
            "applies_when": cells.applies_when(line, self.known, self.faults),
            "weight": cells.weight(line, self.faults),
            "critical": cells.yes_or_no(line, "critical", self.faults),
            "clause": self._text(line, "clause", "clause"),
            "severity": cells.severity(line, self.faults),
            "guidance_km": self._guidance(line, "km"),
            "guidance_en": self._guidance(line, "en"),
        }

    def _guidance(self, line: Line, language: str) -> str:
        notes = [getattr(note, language) for group in self.open for note in group.notes]
        own = [self._text(line, f"{base}_{language}", f"guidance_{language}") for base in ("hint", "guidance_hint")]
        return "\n\n".join(text for text in chain(notes, own) if text)

    def _forget_notes(self) -> None:
        for group in self.open:
            group.notes = []
