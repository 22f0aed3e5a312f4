"""A form as the definition of a checklist, or everything that is wrong with it at once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from inspections.actions.xlsforms.checker import refused_by_pyxform
from inspections.actions.xlsforms.choices import lists_of
from inspections.actions.xlsforms.faults import SHOWN, Fault
from inspections.actions.xlsforms.sheets import Sheet, sheets_of
from inspections.actions.xlsforms.survey import Survey
from inspections.actions.xlsforms.words import CHOICES, LEFT_OUT, REFUSED_COLUMNS, SETTINGS, SURVEY
from inspections.policies import Known
from inspections.states import AnswerKind
from registry.core.tables import FileRefused


@dataclass
class Examination:
    """What is in a form. With a fault there is no definition; what the form does not say is empty in it."""

    definition: dict[str, Any] | None = None
    faults: list[Fault] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    """What is left out of the form, and what the draft still lacks."""

    @property
    def shown(self) -> list[Fault]:
        return self.faults[:SHOWN]

    @property
    def more(self) -> int:
        return max(len(self.faults) - SHOWN, 0)


def examine(file: Path, *, known: Known) -> Examination:
    """Read a form as `rulebook.add_version` takes it; `known` are the codes that it may name. Writes nothing."""
    found = Examination()
    try:
        there, others = sheets_of(file, found.faults)
    except FileRefused as refusal:
        found.faults.append(Fault(refusal.sentence, row=refusal.row, column=refusal.column))
        return found
    sheets = {kind: sheet for kind, sheet in there.items() if sheet is not None}
    if "survey" not in there:
        found.faults.append(Fault(_("The workbook has no sheet “survey”.")))
    if "survey" not in there or len(sheets) < len(there):
        return found
    settings = _settings(sheets.get("settings"))
    survey = Survey(
        lists=lists_of(sheets.get("choices"), found.faults), known=known, title=settings, faults=found.faults
    )
    sections = survey.read(sheets["survey"])
    if not sections and not found.faults:
        found.faults.append(Fault(_("There is no question in the sheet."), sheets["survey"].name))
    if not found.faults:
        found.faults += refused_by_pyxform(sheets)
    found.faults[:] = dict.fromkeys(found.faults)
    found.faults.sort(key=lambda fault: (_rank(fault, sheets), fault.row or 0))
    if not found.faults:
        found.definition = settings | {"section": sections}
        found.notices = [*_left_out(sheets, others, survey), *_lacking(sections)]
    return found


def _settings(sheet: Sheet | None) -> dict[str, Any]:
    line = sheet.lines[0] if sheet and sheet.lines else None

    def text(*columns: str) -> str:
        return next((text for column in columns if line and (text := line.text(column))), "")

    return {
        "code": text("code", "form_id"),
        "name_km": text("name_km", "form_title_km"),
        "name_en": text("name_en", "form_title_en", "form_title"),
        "source": text("source"),
        "ruleset_code": text("ruleset_code"),
        "facility_types": text("facility_types").split(),
    }


def _rank(fault: Fault, sheets: Mapping[str, Sheet]) -> int:
    names = [sheet.name for sheet in sheets.values()]
    return names.index(fault.sheet) if fault.sheet in names else -1


def _left_out(sheets: Mapping[str, Sheet], others: list[str], survey: Survey) -> list[str]:
    notices = []
    if survey.metadata:
        rows = ", ".join(map(str, survey.metadata))
        notices.append(
            _("Left out, because the register records it itself: rows %(rows)s of the survey.") % {"rows": rows}
        )
    for kind, understood in (("survey", SURVEY), ("choices", CHOICES), ("settings", SETTINGS)):
        columns = sheets[kind].columns if kind in sheets else None
        unread = [
            heading
            for name, heading in (columns.headings.items() if columns else ())
            if name not in understood and (kind == "settings" or name not in REFUSED_COLUMNS)
        ]
        looks = [heading for name, heading in (columns.headings.items() if columns else ()) if name in LEFT_OUT]
        for heading in [*unread, *(columns.foreign if columns else ())]:
            sentence = (
                _("The column “%(column)s” of the sheet “%(sheet)s” is left out: it says how a question looks.")
                if heading in looks
                else _("The column “%(column)s” of the sheet “%(sheet)s” is left out.")
            )
            notices.append(sentence % {"column": heading, "sheet": sheets[kind].name})
    return notices + [_("The sheet “%(sheet)s” is left out.") % {"sheet": name} for name in others]


def _lacking(sections: list[dict[str, Any]]) -> list[str]:
    items = [item for section in sections for item in section["item"]]
    silent = sum(not item["label_km"] for item in items) + sum(not section["name_km"] for section in sections)
    without_unit = sum(item["kind"] == AnswerKind.MEASURE and not item["unit"] for item in items)
    notices = []
    if silent:
        sentence = ngettext(
            "%(count)s section or question is not in Khmer.",
            "%(count)s sections and questions are not in Khmer.",
            silent,
        )
        notices.append(sentence % {"count": silent})
    if without_unit:
        sentence = ngettext(
            "%(count)s measure has no unit; it needs one before the checklist is published.",
            "%(count)s measures have no unit; they need one before the checklist is published.",
            without_unit,
        )
        notices.append(sentence % {"count": without_unit})
    return notices
