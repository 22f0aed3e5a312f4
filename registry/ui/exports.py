"""Lists as CSV and XLSX files, of any length in constant memory.

A spreadsheet runs text that begins like a formula. In CSV such text gets a leading apostrophe (a phone
number "+855…" too); in XLSX the cell is marked as text and keeps exactly what was written. Numbers stay
numbers, so that -5 can be summed.
"""

import csv
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import chain, islice
from typing import Any

from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone, translation
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

FORMATS = ("csv", "xlsx")
BYTE_ORDER_MARK = "\ufeff"
"""Without it a spreadsheet takes the Khmer of a CSV file for Latin."""

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What a workbook, being XML, cannot hold."""
ROWS_PER_CHUNK = 500
ROWS_PER_SHEET = 1_048_576
LONGEST_CELL = 32_767

Row = Iterable[Any]


def response(file_format: str, *, title: str, headings: Sequence[str], rows: Iterable[Row]) -> HttpResponseBase:
    """A file to download, named after `title`; `rows` is read once, as it is sent (CSV) or written (XLSX)."""
    filename = f"{title}.{file_format}"
    table = chain([headings], rows)
    if file_format == "xlsx":
        return FileResponse(_workbook(title, table), as_attachment=True, filename=filename)
    return StreamingHttpResponse(
        _csv_chunks(table, translation.get_language()),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": content_disposition_header(as_attachment=True, filename=filename) or ""},
    )


def neutralised(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


class _Line:
    """A file of one line: the csv module writes, the caller takes."""

    def write(self, line: str) -> str:
        return line


def _csv_chunks(rows: Iterable[Row], language: str | None) -> Iterator[str]:
    # The page's language is put aside when the view returns; the rows are read after that.
    with translation.override(language):
        writer = csv.writer(_Line(), quoting=csv.QUOTE_NONNUMERIC)
        lines = (str(writer.writerow([_csv_value(value) for value in row])) for row in rows)
        yield BYTE_ORDER_MARK
        while chunk := "".join(islice(lines, ROWS_PER_CHUNK)):
            yield chunk


def _csv_value(value: Any) -> Any:
    plain = _plain(value)
    return neutralised(plain) if isinstance(plain, str) else "" if plain is None else plain


def _plain(value: Any) -> str | int | float | Decimal | date | None:
    """What a cell can hold: text, a number, a day, a moment without zone, or nothing."""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, datetime):
        return timezone.make_naive(value).replace(microsecond=0) if timezone.is_aware(value) else value
    return value if value is None or isinstance(value, int | float | Decimal | date) else str(value)


def _workbook(title: str, rows: Iterable[Row]) -> Any:
    book = Workbook(write_only=True)
    remaining = iter(rows)
    while (first := next(remaining, None)) is not None:
        sheet: WriteOnlyWorksheet = book.create_sheet()
        for row in chain([first], islice(remaining, ROWS_PER_SHEET - 1)):
            sheet.append([_cell(sheet, value) for value in row])
    # Closed by the response that sends it.
    file = tempfile.TemporaryFile()  # noqa: SIM115
    book.save(file)
    file.seek(0)
    return file


def _cell(sheet: WriteOnlyWorksheet, value: Any) -> Any:
    plain = _plain(value)
    if not isinstance(plain, str):
        return plain
    text = NOT_IN_XML.sub("", plain)[:LONGEST_CELL]
    if not text.startswith(FORMULA_STARTS):
        return text
    cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"
    cell.quotePrefix = True
    return cell
