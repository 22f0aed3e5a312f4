"""A version of a checklist as a workbook that other tools accept and that reads back as the same version."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from tempfile import TemporaryFile
from typing import IO, Any

from django.utils import translation
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from inspections import rules
from inspections.actions.xlsforms.conditions import written
from inspections.actions.xlsforms.escapes import escaped
from inspections.actions.xlsforms.words import TYPES
from inspections.models import ChecklistItem, ChecklistSection, ChecklistVersion
from inspections.states import Answer, AnswerKind
from registry.core.errors import Refused
from registry.ui.exports import FORMULA_STARTS, LONGEST_CELL

KM, EN = "Khmer (km)", "English (en)"
SURVEY = (
    *("type", "name", f"label::{KM}", f"label::{EN}", f"hint::{KM}", f"hint::{EN}", "required", "relevant"),
    *("code", "kind", "unit", "weight", "critical", "clause", "severity", "scored"),
    *("applies_types", "applies_levels", "applies_services"),
)
CHOICES = ("list_name", "name", f"label::{KM}", f"label::{EN}")
SETTINGS = ("form_title", "form_id", "version", "default_language")
OWN_SETTINGS = ("code", "name_km", "name_en", "source", "ruleset_code", "facility_types")
COMPLIANCE = "compliance"
_NAME = re.compile("[A-Za-z_][A-Za-z0-9_.-]*")
_RESERVED = frozenset({"", "data", "meta", COMPLIANCE})

Row = Mapping[str, str]


class Names:
    """Names that no two rows share, not even in other capitals, and that every tool takes for names."""

    def __init__(self) -> None:
        self._taken = set(_RESERVED)

    def name(self, wanted: str, otherwise: str) -> str:
        candidates = [wanted] if _NAME.fullmatch(wanted) else []
        number = len(self._taken)
        while not candidates or candidates[-1].casefold() in self._taken:
            candidates.append(f"{otherwise}_{number}")
            number += 1
        self._taken.add(candidates[-1].casefold())
        return candidates[-1]


def workbook(version: ChecklistVersion) -> IO[bytes]:
    """The file, to be closed by whoever sends it. Raises Refused where a text or condition fits into no form."""
    structure = rules.structure(version)
    names = Names()
    sections = {section.code: names.name(section.code, "section") for section, _items in structure}
    items = {
        rules.key(section, item): names.name(rules.key(section, item), "item")
        for section, items in structure
        for item in items
    }
    lists = {key: f"{name}.choices" for key, name in items.items()}
    book = Workbook(write_only=True)
    _sheet(book, "survey", SURVEY, _survey(structure, sections, items, lists, names))
    _sheet(book, "choices", CHOICES, _choices(structure, lists))
    _sheet(book, "settings", (*SETTINGS, *OWN_SETTINGS), [_settings(version)])
    file = TemporaryFile()  # noqa: SIM115 - closed by the response that sends it
    book.save(file)
    file.seek(0)
    return file


def _survey(
    structure: rules.Structure,
    sections: Mapping[str, str],
    names: Mapping[str, str],
    lists: Mapping[str, str],
    unused: Names,
) -> Iterator[Row]:
    for section, items in structure:
        yield _section_row(section, sections[section.code])
        for heading, together in groupby(items, key=lambda item: (item.heading_km, item.heading_en)):
            if any(heading):
                name = unused.name("", "heading")
                yield {"type": "begin_group", "name": name} | _both("label", *heading)
            for item in together:
                key = rules.key(section, item)
                yield _item_row(item, names, lists[key]) | {"name": names[key]}
            if any(heading):
                yield {"type": "end_group"}
        yield {"type": "end_group"}


def _section_row(section: ChecklistSection, name: str) -> Row:
    return {
        "type": "begin_group",
        "name": name,
        "code": escaped(section.code),
        "scored": _yes_or_no(section.scored),
        **_both("label", section.name_km, section.name_en),
        **_applies(section.applies_when),
    }


def _item_row(item: ChecklistItem, names: Mapping[str, str], list_name: str) -> dict[str, str]:
    try:
        relevant = written(item.asked_if, names)
    except (KeyError, ValueError) as error:
        sentence = _("No form can hold the condition of “%(item)s”.") % {"item": item}
        raise Refused(sentence, code="condition_without_form") from error
    always = item.kind == AnswerKind.COMPLIANCE and not item.required
    return {
        "type": TYPES[AnswerKind(item.kind)] if item.kind in TYPES else f"select_one {list_name}",
        **_both("label", item.label_km, item.label_en),
        **_both("hint", item.guidance_km, item.guidance_en),
        "required": "true()" if always else _yes_or_no(item.required),
        "relevant": relevant,
        "code": escaped(item.code),
        "kind": item.kind,
        "unit": escaped(item.unit),
        "weight": f"{item.weight.normalize():f}",
        "critical": _yes_or_no(item.critical),
        "clause": escaped(item.clause),
        "severity": str(int(item.severity)),
        **_applies(item.applies_when),
    }


def _choices(structure: rules.Structure, lists: Mapping[str, str]) -> Iterator[Row]:
    with translation.override("km"):
        khmer = {answer.value: str(answer.label) for answer in Answer}
    with translation.override("en"):
        english = {answer.value: str(answer.label) for answer in Answer}
    for answer in Answer.values:
        yield {"list_name": COMPLIANCE, "name": answer} | _both("label", khmer[answer], english[answer])
    for section, items in structure:
        for item in items:
            for choice in item.choices if item.kind == AnswerKind.CHOICE else ():
                labels = _both("label", choice.get("label_km", ""), choice.get("label_en", ""))
                yield {"list_name": lists[rules.key(section, item)], "name": escaped(choice["code"])} | labels


def _settings(version: ChecklistVersion) -> Row:
    checklist = version.checklist
    return {
        "form_title": escaped(checklist.name_en),
        "form_id": checklist.code,
        "version": str(version.number),
        "default_language": KM,
        "code": checklist.code,
        "name_km": escaped(checklist.name_km),
        "name_en": escaped(checklist.name_en),
        "source": escaped(version.source),
        "ruleset_code": checklist.ruleset_code,
        "facility_types": " ".join(checklist.facility_types.order_by("code").values_list("code", flat=True)),
    }


def _both(base: str, km: str, en: str) -> dict[str, str]:
    return {f"{base}::{KM}": escaped(km), f"{base}::{EN}": escaped(en)}


def _applies(applies_when: rules.AppliesWhen) -> dict[str, str]:
    return {f"applies_{name}": " ".join(applies_when.get(name) or ()) for name in ("types", "levels", "services")}


def _yes_or_no(value: bool) -> str:
    return "yes" if value else "no"


def _sheet(book: Workbook, name: str, columns: Sequence[str], rows: Iterable[Row]) -> None:
    sheet = book.create_sheet(name)
    sheet.append(columns)
    for row in rows:
        sheet.append([_cell(sheet, row.get(column, "")) for column in columns])


def _cell(sheet: Any, text: str) -> Any:
    """A cell of text, whatever it looks like: no spreadsheet runs it."""
    if len(text) > LONGEST_CELL:
        raise Refused(_("“%(text)s…” is too long for a cell.") % {"text": text[:60]}, code="text_too_long")
    cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"
    cell.quotePrefix = text.startswith(FORMULA_STARTS)
    return cell
