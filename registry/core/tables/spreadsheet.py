"""XLSX: openpyxl understands the workbook; rows and shared strings are read one at a time, and no bomb goes off."""

import tempfile
import zipfile
from array import array
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import IO, Any

from defusedxml.ElementTree import iterparse
from django.utils.translation import gettext as _
from openpyxl.cell.text import Text
from openpyxl.reader.excel import ExcelReader
from openpyxl.styles.stylesheet import apply_stylesheet
from openpyxl.worksheet._reader import DATA_TAG, ROW_TAG, WorkSheetParser
from openpyxl.xml.constants import SHARED_STRINGS, SHEET_MAIN_NS

from registry.core.tables.parts import BROKEN, MOST_COLUMNS, MOST_ROWS, FileRefused, Row

MOST_MEMBERS = 2_000
MOST_UNPACKED = 1024**3
MOST_UNPACKED_PART = 16 * 1024**2
"""For all parts but sheets and shared strings: those are read whole."""

LONGEST_ROW = 4 * 1024**2
STRING_TAG = f"{{{SHEET_MAIN_NS}}}si"


class SpreadsheetTable:
    def __init__(self, book: "Book", path: str, *, header_row: int) -> None:
        self.expected_rows = book.count_rows(path)
        self._rows = book.rows(path)
        header = next((row for row in self._rows if row.number >= header_row), None)
        if header is None:
            raise FileRefused(
                _("The file has no row %(row)s to name its columns.") % {"row": header_row}, code="no_header"
            )
        while header.cells and not header.cells[-1]:
            header.cells.pop()
        self.header = header

    @classmethod
    @contextmanager
    def opened(cls, path: Path, *, sheet: str, header_row: int) -> Iterator["SpreadsheetTable"]:
        with Book.opened(path) as book:
            yield cls(book, book.sheet(sheet), header_row=header_row)

    def rows(self) -> Iterator[Row]:
        width = len(self.header.cells)
        for row in self._rows:
            if len(row.cells) < width:
                row.cells.extend([""] * (width - len(row.cells)))
            elif not any(row.cells[width:]):
                del row.cells[width:]
            yield row


class Book(ExcelReader):
    """openpyxl's reader, with the parts that grow with the file replaced."""

    archive: zipfile.ZipFile
    shared_strings: Any

    @classmethod
    @contextmanager
    def opened(cls, path: Path) -> Iterator["Book"]:
        with path.open("rb") as file:
            with _understood():
                with zipfile.ZipFile(file) as archive:
                    refuse_bombs(archive)
                book = cls(file, read_only=True, data_only=True, keep_links=False)
                book.read_manifest()
                book.read_strings()
                book.read_workbook()
                apply_stylesheet(book.archive, book.wb)
            try:
                yield book
            finally:
                book.archive.close()
                if isinstance(book.shared_strings, Strings):
                    book.shared_strings.close()

    def read_strings(self) -> None:
        part = self.package.find(SHARED_STRINGS)
        if part is not None:
            with self.archive.open(part.PartName[1:]) as source:
                self.shared_strings = Strings(Guarded(source, b"</si>"))

    def sheet(self, name: str) -> str:
        """The path of the sheet of that name, or of the first."""
        with _understood():
            sheets = {
                sheet.name: rel.target for sheet, rel in self.parser.find_sheets() if rel.target in self.valid_files
            }
        if name and name not in sheets:
            raise FileRefused(_("The file has no sheet “%(sheet)s”.") % {"sheet": name}, code="no_sheet")
        if not sheets:
            raise FileRefused(_("The file has no sheet."), code="no_sheet")
        return sheets[name] if name else next(iter(sheets.values()))

    def count_rows(self, path: str) -> int:
        count, end = 0, b""
        with _understood(), self.archive.open(path) as source:
            while part := source.read(1024**2):
                count += (end + part).count(b"</row>")
                end = part[-5:]
        return count

    def rows(self, path: str) -> Iterator[Row]:
        with _understood(), self.archive.open(path) as source:
            parser = RowParser(
                Guarded(source, b"</row>"),
                self.shared_strings,
                data_only=True,
                epoch=self.wb.epoch,
                date_formats=vars(self.wb)["_date_formats"],
                timedelta_formats=vars(self.wb)["_timedelta_formats"],
            )
            last = 0
            for number, cells in parser.parse():
                width = max((cell["column"] for cell in cells), default=0)
                if number > MOST_ROWS or width > MOST_COLUMNS:
                    raise FileRefused(_("The file has too many rows or columns."), code="table_too_large", row=number)
                if number <= last:
                    raise ValueError("rows are not in order")
                last = number
                texts = [""] * width
                for cell in cells:
                    texts[cell["column"] - 1] = _text(cell["value"])
                if any(texts):
                    yield Row(number, texts)


class RowParser(WorkSheetParser):
    """Reads rows only, and forgets each when the next is asked for."""

    def parse(self) -> Generator[tuple[int, list[dict[str, Any]]], None, None]:
        rows: Any = None
        for event, element in iterparse(self.source, events=("start", "end"), forbid_dtd=True):
            if event == "start":
                rows = element if element.tag == DATA_TAG else rows
            elif element.tag == ROW_TAG and rows is not None:
                yield self.parse_row(element)
                rows.clear()
                self.row_dimensions.clear()
            elif element.tag == DATA_TAG:
                return


class Strings:
    """The shared strings of a workbook, kept in a temporary file: memory holds only where each begins."""

    def __init__(self, source: Any) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the workbook
        self._starts = array("Q", [0])
        root: Any = None
        for event, element in iterparse(source, events=("start", "end"), forbid_dtd=True):
            if event == "start":
                root = element if root is None else root
            elif element.tag == STRING_TAG:
                text: Any = Text.from_tree(element)
                self._file.write(text.content.encode("utf-8", "surrogatepass"))
                self._starts.append(self._file.tell())
                root.clear()
        self._get = lru_cache(maxsize=10_000)(self._read)

    def __getitem__(self, index: int) -> str:
        if not 0 <= index < len(self._starts) - 1:
            raise IndexError(index)
        return self._get(index)

    def close(self) -> None:
        self._file.close()

    def _read(self, index: int) -> str:
        start = self._starts[index]
        self._file.seek(start)
        return self._file.read(self._starts[index + 1] - start).decode("utf-8", "replace")


class Guarded:
    """A stream in which `mark` must come again before LONGEST_ROW bytes have gone by."""

    def __init__(self, source: IO[bytes], mark: bytes) -> None:
        self._source = source
        self._mark = mark
        self._since = 0
        self._end = b""

    def read(self, size: int = -1) -> bytes:
        part = self._source.read(min(size, 64 * 1024) if size > 0 else 64 * 1024)
        self._since = 0 if self._mark in self._end + part else self._since + len(part)
        self._end = part[-len(self._mark) :]
        if self._since > LONGEST_ROW:
            raise FileRefused(_("A row of the spreadsheet is too large."), code="row_too_large")
        return part


def refuse_bombs(archive: zipfile.ZipFile) -> None:
    """Refuse, before anything is unpacked, what would unpack to too much. `zipfile` never yields more than declared."""
    members = archive.infolist()
    large = sum(member.file_size for member in members) > MOST_UNPACKED
    large = large or len(members) > MOST_MEMBERS or len({member.filename for member in members}) < len(members)
    for member in members:
        grows = member.filename.startswith("xl/worksheets/") or "sharedStrings" in member.filename
        read = member.filename.endswith((".xml", ".rels"))
        large = large or (read and not grows and member.file_size > MOST_UNPACKED_PART)
    if large:
        raise FileRefused(_("The spreadsheet unpacks to more than can be read."), code="spreadsheet_too_large")


@contextmanager
def _understood() -> Iterator[None]:
    """Whatever a damaged or hostile workbook does to the parsers becomes one sentence."""
    try:
        yield
    except (FileRefused, MemoryError):
        raise
    except Exception as error:
        raise FileRefused(_("The file cannot be read as a spreadsheet."), code="spreadsheet_unreadable") from error


def _text(value: Any) -> str:
    """A cell as its column in a CSV file would hold it; days as 2026-12-31."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime):
        return (value.date() if not (value.hour or value.minute or value.second) else value).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return str(value).replace("\x00", BROKEN).strip()
