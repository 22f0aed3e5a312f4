"""What a single row of the sheet “survey” asks, and on which earlier answers it depends."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from inspections.actions.xlsforms import cells, conditions
from inspections.actions.xlsforms.choices import COMPLIANCE, ChoiceList
from inspections.actions.xlsforms.faults import Fault
from inspections.actions.xlsforms.sheets import Line
from inspections.actions.xlsforms.words import FALSE, KINDS, REFUSED_COLUMNS, REFUSED_TYPES, TRUE, is_name, is_type
from inspections.models import ChecklistItem, ChecklistSection
from inspections.states import AnswerKind

Conditions = list[dict[str, Any]]


@dataclass(frozen=True)
class Question:
    """What conditions can refer to: the key of an item and its answers, or None where anything can be written."""

    key: str
    answers: tuple[str, ...] | None


class Questions:
    """Reads rows one after the other and remembers what later ones can refer to."""

    def __init__(self, *, lists: Mapping[str, ChoiceList], faults: list[Fault]) -> None:
        self.lists, self.faults = lists, faults
        self.ahead: set[str] = set()
        self.questions: dict[str, list[Question | None]] = {}
        """By name; None stands for what cannot be asked about, and is a fault already."""
        self.lists_blamed: set[str] = set()
        self.ill_named: set[int] = set()

    def _kind(self, line: Line, word: str, rest: str) -> tuple[AnswerKind | None, list[dict[str, str]]]:
        if word == "select_one":
            return self._chosen(line, rest)
        kind = KINDS.get(word)
        if kind is None:
            sentence = (
                _("A question of the type “%(type)s” cannot be part of a checklist.")
                if is_type(word)
                else _("XLSForm has no type “%(type)s”.")
            )
            known = REFUSED_TYPES.get(word)
            self._blame(line, "type", str(known) if known else sentence % {"type": word[:60]})
        elif line.text("kind") not in ("", kind):
            self._blame(line, "kind", _("The kind does not fit the type of the row."))
        return kind, []

    def _chosen(self, line: Line, name: str) -> tuple[AnswerKind | None, list[dict[str, str]]]:
        other = name.lower().replace("specify ", "")
        if other.endswith((" or_other", " or other")):
            self._blame(
                line, "type", _("Nobody can write an answer of their own beside choices. Add a question of text.")
            )
            name = name.split(maxsplit=1)[0]
        found = self.lists.get(name)
        if found is None:
            self._blame(line, "type", _("The sheet “choices” has no list “%(list)s”.") % {"list": name[:60]})
            return None, []
        compliance = {*found.codes} == COMPLIANCE and len(found.codes) == len(COMPLIANCE)
        kind = line.text("kind") or (AnswerKind.COMPLIANCE if compliance else AnswerKind.CHOICE)
        if kind == AnswerKind.COMPLIANCE and not compliance:
            self._blame(line, "kind", _("The list of such a question is yes, partial, no and na."))
        if kind not in (AnswerKind.COMPLIANCE, AnswerKind.CHOICE):
            self._blame(line, "kind", _("The kind does not fit the type of the row."))
            return None, []
        if name not in self.lists_blamed:
            self.lists_blamed.add(name)
            self.faults += found.faults
        return AnswerKind(kind), found.choices

    def _required(self, line: Line, kind: AnswerKind) -> bool:
        """Compliance must always be answered; there `true()` says so, and `yes` that it was said twice."""
        written = line.raw("required").lower()
        if written not in TRUE | FALSE:
            self._blame(
                line, "required", _("A question is required always or never; a condition belongs to “relevant”.")
            )
        return written in TRUE and not (kind == AnswerKind.COMPLIANCE and written == "true()")

    def _asked_if(self, line: Line) -> Conditions:
        if not (written := line.raw("relevant")):
            return []
        try:
            found = conditions.parsed(written)
        except ValueError:
            sentence = _(
                "A condition says which answers an earlier question must have: ${name} = 'yes', joined by and."
            )
            self._blame(line, "relevant", sentence)
            return []
        return [condition for name, answers in found for condition in self._condition(line, name, answers)]

    def _condition(self, line: Line, name: str, answers: list[str]) -> Conditions:
        named = self.questions.get(name, [])
        if not named:
            sentence = (
                _("“%(name)s” does not come before this row.")
                if name in self.ahead
                else _("There is no question “%(name)s”.")
            )
            self._blame(line, "relevant", sentence % {"name": name[:60]})
            return []
        if len(named) > 1:
            self._blame(line, "relevant", _("There are several questions “%(name)s”.") % {"name": name})
        question = named[0]
        if question is None:
            return []
        for answer in answers if question.answers else ():
            if answer not in question.answers:  # type: ignore[operator]
                sentence = _("“%(name)s” has no answer “%(answer)s”.") % {"name": name, "answer": answer[:60]}
                self._blame(line, "relevant", sentence)
        return [{"item": question.key, "is": answers}]

    def _name(self, line: Line, names: dict[str, tuple[str, int]]) -> str:
        """The name of a row, which nothing else around it has, not even in other capitals."""
        name = line.text("name")
        known, row = names.setdefault(name.casefold(), (name, line.number))
        sentence = ""
        if not name:
            sentence = _("The row has no name.")
        elif not is_name(name) or ":" in name:
            sentence = _("“%(name)s” is no name: letters, digits, - _ and . only, a letter first, no spaces.")
        elif row != line.number and known == name:
            sentence = _("Row %(row)s has the name “%(name)s” already.")
        elif row != line.number:
            sentence = _("Row %(row)s has the name “%(name)s” already; only capitals differ.")
        if sentence:
            self.ill_named.add(line.number)
            self._blame(line, "name", sentence % {"name": known[:60], "row": row})
        return name

    def _code(self, line: Line, model: type[ChecklistSection | ChecklistItem]) -> str:
        """The code in its own column, else the name, of which everything may have been said."""
        said = line.number in self.ill_named and not line.text("code")
        return cells.code(line, model, [] if said else self.faults)

    def _refuse_columns(self, line: Line, more: tuple[str, ...] = ()) -> None:
        for column, sentence in REFUSED_COLUMNS.items():
            if line.raw(column):
                self._blame(line, column, str(sentence))
        for column in more:
            if line.raw(column):
                self._blame(line, column, _("This column says nothing of a row of this type."))

    def _text(self, line: Line, column: str, name: str, model: Any = ChecklistItem) -> str:
        return cells.text(line, column, model, name, self.faults)

    def _blame(self, line: Line, column: str, sentence: str) -> None:
        self.faults.append(line.fault(column, sentence))
