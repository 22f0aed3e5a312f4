"""The sheets of a form as texts with their places; what is no plain text in a cell is a fault."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

from defusedxml.ElementTree import iterparse
from django.utils.translation import gettext as _
from openpyxl.utils import column_index_from_string, get_column_letter

from inspections.actions.xlsforms.columns import Columns
from inspections.actions.xlsforms.escapes import unescaped
from inspections.actions.xlsforms.faults import Fault
from registry.core.tables import FileRefused
from registry.core.tables.spreadsheet import Book, Guarded

MOST_ROWS = {"survey": 2_000, "choices": 5_000, "settings": 100}
MOST_COLUMNS = 100
MOST_CHARACTERS = 5_000_000
"""Of all cells of a sheet: the file may keep one long text and show it in every cell."""
LARGEST_FILE, LARGEST_UNPACKED = 1024**2, 48 * 1024**2
NEEDED = {"survey": ("type", "name"), "choices": ("list_name", "name"), "settings": ()}
MACROS = "xl/vbaProject.bin"
_PLACE = re.compile("([A-Z]+)([0-9]+)")


@dataclass(frozen=True)
class Line:
    """One row; `text` gives what a column of it says, whatever the file calls the column."""

    sheet: str
    number: int
    cells: Mapping[str, str]
    columns: Columns

    def raw(self, column: str) -> str:
        return self.cells.get(column, "")

    def text(self, column: str) -> str:
        return unescaped(self.raw(column))

    def fault(self, column: str, sentence: str) -> Fault:
        return Fault(sentence, self.sheet, self.number, self.columns.headings.get(column, ""))


@dataclass(frozen=True)
class Sheet:
    name: str
    columns: Columns
    headings: list[str]
    lines: list[Line]
    plain: list[dict[str, str]]
    """Every row under the header by the file's own headings, an empty one too: as pyxform reads it."""


def sheets_of(path: Path, faults: list[Fault]) -> tuple[dict[str, Sheet | None], list[str]]:
    """The sheets survey, choices and settings as far as there are such, and the names of the others.

    None stands for a sheet that is there but does not name its columns.

    Adds what is wrong to `faults`; raises FileRefused where nothing can be read.
    """
    refuse_unfit(path)
    with Book.opened(path) as book:
        names = [str(sheet.name) for sheet, _relation in book.parser.find_sheets()]
        known = {name.strip().lower(): name for name in reversed(names) if name.strip().lower() in MOST_ROWS}
        others = [name for name in names if name not in known.values()]
        contents = {kind: book.sheet(known[kind]) for kind in MOST_ROWS if kind in known}
        for kind, part in contents.items():
            faults += _oddities(book, part, known[kind])
        headers = {kind: list(_cells(book, contents[kind], known[kind], MOST_ROWS[kind])) for kind in contents}
    language = _default_language(headers.get("settings", []))
    return {kind: _sheet(kind, known[kind], rows, language, faults) for kind, rows in headers.items()}, others


def refuse_unfit(path: Path) -> None:
    size = path.stat().st_size
    if size > LARGEST_FILE:
        sentence = _("The file has %(size)s kB; a form has at most %(most)s kB. Remove pictures and other sheets.")
        raise FileRefused(sentence % {"size": size // 1024, "most": LARGEST_FILE // 1024}, code="file_too_large")
    try:
        with ZipFile(path) as archive:
            members = archive.infolist()
    except (BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise FileRefused(_("This is no XLSX workbook. Save the form as XLSX."), code="not_xlsx") from error
    if any(member.filename.lower() == MACROS.lower() for member in members):
        raise FileRefused(_("The workbook has macros. Save it as XLSX, without macros."), code="macros")
    if sum(member.file_size for member in members) > LARGEST_UNPACKED:
        raise FileRefused(_("The workbook unpacks to more than a form can have."), code="spreadsheet_too_large")


def _cells(book: Book, part: str, name: str, most: int) -> Iterator[tuple[int, list[str]]]:
    characters = 0
    for number, cells in book.rows(part):
        characters += sum(map(len, cells))
        if characters > MOST_CHARACTERS or len(cells) > MOST_COLUMNS:
            sentence = _("The sheet “%(sheet)s” has more text or columns than a form can have.") % {"sheet": name}
            raise FileRefused(sentence, code="table_too_large", row=number)
        if number > most + 1:
            sentence = _("The sheet “%(sheet)s” goes on after row %(most)s, the last that a form may have.")
            raise FileRefused(sentence % {"sheet": name, "most": most + 1}, code="table_too_large", row=number)
        yield number, cells


def _oddities(book: Book, part: str, name: str) -> Iterator[Fault]:
    """Formulas and merged cells: what a person sees there is not what the cell holds."""
    try:
        with book.archive.open(part) as source:
            rows: Any = None
            for event, element in iterparse(Guarded(source, b">"), events=("start", "end"), forbid_dtd=True):
                tag = element.tag.rpartition("}")[2]
                if event == "start":
                    rows = element if tag == "sheetData" else rows
                elif tag == "c" and any(child.tag.rpartition("}")[2] == "f" for child in element):
                    row, column = _place(element.get("r", ""))
                    yield Fault(_("The cell holds a formula. Put its value there."), name, row, column)
                elif tag == "mergeCell":
                    row, column = _place(element.get("ref", ""))
                    sentence = _("The cells %(cells)s are merged. Separate them.") % {"cells": element.get("ref", "")}
                    yield Fault(sentence, name, row, column)
                elif tag == "row" and rows is not None:
                    rows.clear()
    except FileRefused:
        raise
    except Exception as error:
        raise FileRefused(_("The file cannot be read as a spreadsheet."), code="spreadsheet_unreadable") from error


def _place(reference: str) -> tuple[int | None, str]:
    match = _PLACE.match(reference)
    if match is None or len(match[1]) > 3:
        return None, ""
    return int(match[2]), get_column_letter(column_index_from_string(match[1]))


def _default_language(rows: list[tuple[int, list[str]]]) -> str:
    if len(rows) < 2:
        return ""
    return dict(zip(rows[0][1], rows[1][1], strict=False)).get("default_language", "")


def _sheet(kind: str, name: str, rows: list[tuple[int, list[str]]], language: str, faults: list[Fault]) -> Sheet | None:
    number, header = rows[0] if rows else (0, [])
    if number != 1:
        if rows or kind == "survey":
            faults.append(Fault(_("The first row is empty; it must name the columns."), name, 1))
        return None
    columns = Columns.of(header, language)
    missing = [column for column in NEEDED[kind] if column not in columns.places]
    if missing:
        sentence = _("There is no column “%(column)s”. The first row names the columns.")
        faults.append(Fault(sentence % {"column": missing[0]}, name, 1))
        return None
    faults += [Fault(_("Two columns say the same."), name, 1, heading) for heading in columns.doubled]
    for position in sorted({place for _number, cells in rows for place, text in enumerate(cells) if text}):
        if position >= len(header) or not header[position]:
            sentence = _("The column has no name in the first row.")
            faults.append(Fault(sentence, name, 1, get_column_letter(position + 1)))
    lines: list[Line] = []
    plain: list[dict[str, str]] = []
    last = 1
    for number, cells in rows[1:]:
        plain += [{} for _row in range(last + 1, number)]
        plain.append({heading: text for heading, text in zip(header, cells, strict=False) if heading and text})
        last = number
        found = {column: cells[place] for column, place in columns.places.items() if place < len(cells)}
        lines.append(Line(name, number, found, columns))
    return Sheet(name, columns, [heading for heading in header if heading], lines, plain)
