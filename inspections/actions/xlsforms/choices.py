from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from inspections.actions.xlsforms.faults import Fault
from inspections.actions.xlsforms.sheets import Line, Sheet
from inspections.actions.xlsforms.words import REFUSED_COLUMNS
from inspections.states import Answer
from registry.core.khmer import looks_like_limon

COMPLIANCE = frozenset(Answer.values)


@dataclass
class ChoiceList:
    """Choices as a checklist keeps them, and what is wrong with them: said only where a question uses the list."""

    choices: list[dict[str, str]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    @property
    def codes(self) -> list[str]:
        return [choice["code"] for choice in self.choices]


def lists_of(sheet: Sheet | None, faults: list[Fault]) -> dict[str, ChoiceList]:
    lists: dict[str, ChoiceList] = {}
    for line in sheet.lines if sheet else ():
        name, code = line.text("list_name"), line.text("name")
        if not code:
            faults.append(line.fault("name", _("The choice has no name.")))
        elif not name:
            faults.append(line.fault("list_name", _("The choice belongs to no list.")))
        else:
            _add(lists.setdefault(name, ChoiceList()), line)
    return lists


def _add(found: ChoiceList, line: Line) -> None:
    code, km, en = line.text("name"), line.text("label_km"), line.text("label_en")
    if code.casefold() in {known.casefold() for known in found.codes}:
        found.faults.append(line.fault("name", _("The list has “%(name)s” already.") % {"name": code}))
    if not en:
        found.faults.append(line.fault("label_en", _("The choice has no label in English.")))
    found.faults += khmer_faults(line, "label_km")
    found.faults += [line.fault(column, str(REFUSED_COLUMNS[column])) for column in REFUSED_COLUMNS if line.raw(column)]
    found.choices.append({"code": code, "label_km": km, "label_en": en})


def khmer_faults(line: Line, *columns: str) -> list[Fault]:
    sentence = _("The text is typed in the Limon font. Convert the column to Khmer Unicode.")
    return [line.fault(column, sentence) for column in columns if looks_like_limon(line.text(column))]
