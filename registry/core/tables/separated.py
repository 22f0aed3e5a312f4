"""CSV: the encoding and the separator are found out, broken bytes are kept visible in their cell."""

import codecs
import csv
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO

from charset_normalizer import from_bytes
from django.utils.translation import gettext as _

from registry.core.tables.parts import BROKEN, MOST_COLUMNS, MOST_ROWS, FileRefused, Row

LONGEST_LINE = 1_000_000
SAMPLE = 64 * 1024
SEPARATORS = ",;\t|"
COMMON = ["cp1252", "gb18030", "cp874", "cp1258"]
"""Where a file is not Unicode: Western, Chinese, Thai, Vietnamese."""

BYTE_ORDER_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_BROKEN = re.compile("[\udc80-\udcff\x00]")
_NEUTRALISED = re.compile("^'(?=[=+@＝＋－＠-])")
"""The apostrophe that exports put before what a spreadsheet would take for a formula."""


class SeparatedTable:
    def __init__(self, file: IO[str], *, separator: str, header_row: int, expected_rows: int) -> None:
        self.expected_rows = expected_rows
        self._number = 0
        self._rows = self._read(file, separator)
        header = next((row for row in self._rows if row.number >= header_row), None)
        if header is None:
            raise FileRefused(
                _("The file has no row %(row)s to name its columns.") % {"row": header_row}, code="no_header"
            )
        self.header = header

    @classmethod
    @contextmanager
    def opened(cls, path: Path, *, encoding: str, separator: str, header_row: int) -> Iterator["SeparatedTable"]:
        encoding = encoding or encoding_of(path)
        # A surrogate keeps one broken byte in its cell; encodings of several bytes cannot do that.
        errors = (
            "replace" if encoding.lower().startswith(("utf-16", "utf-32", "utf_16", "utf_32")) else "surrogateescape"
        )
        with path.open("rb") as raw:
            lines = sum(part.count(b"\n") for part in iter(lambda: raw.read(SAMPLE), b""))
        with path.open(encoding=encoding, errors=errors, newline="") as file:
            if not separator:
                separator = separator_of(file, header_row)
                file.seek(0)
            yield cls(file, separator=separator, header_row=header_row, expected_rows=lines)

    def rows(self) -> Iterator[Row]:
        width = len(self.header.cells)
        for row in self._rows:
            if len(row.cells) > width and not any(row.cells[width:]):
                del row.cells[width:]
            yield row

    def _read(self, file: IO[str], separator: str) -> Iterator[Row]:
        reader = csv.reader(_lines(file), delimiter=separator, strict=True)
        while True:
            try:
                cells = next(reader, None)
            except csv.Error as error:
                sentence = _("Row %(row)s cannot be read; look at its quotation marks.") % {"row": self._number + 1}
                raise FileRefused(sentence, code="row_unreadable", row=self._number + 1) from error
            if cells is None:
                return
            self._number += 1
            if self._number > MOST_ROWS or len(cells) > MOST_COLUMNS:
                raise FileRefused(_("The file has too many rows or columns."), code="table_too_large", row=self._number)
            cells = [_NEUTRALISED.sub("", _BROKEN.sub(BROKEN, cell)).strip() for cell in cells]
            if any(cells):
                yield Row(self._number, cells)


def encoding_of(path: Path) -> str:
    """The encoding: by byte order mark, else UTF-8 where most of what is not ASCII is UTF-8, else the likeliest."""
    with path.open("rb") as file:
        start = file.read(512)
        for mark, encoding in BYTE_ORDER_MARKS.items():
            if start.startswith(mark):
                return encoding
        if start[1::2].count(0) > len(start) // 4:
            return "utf-16-le"
        if start[0::2].count(0) > len(start) // 4:
            return "utf-16-be"
        file.seek(0)
        good, bad, foreign = _lines_in_utf8(file)
    if good >= bad:
        return "utf-8"
    likeliest = from_bytes(foreign, cp_isolation=COMMON).best()
    return likeliest.encoding if likeliest else "utf-8"


def _lines_in_utf8(file: BinaryIO) -> tuple[int, int, bytes]:
    """How many lines with more than ASCII are UTF-8, how many are not, and some of those that are not."""
    good, bad, foreign = 0, 0, bytearray()
    while line := file.readline(LONGEST_LINE):
        if line.isascii():
            continue
        try:
            line.decode("utf-8")
            good += 1
        except UnicodeDecodeError:
            bad += 1
            if len(foreign) < SAMPLE:
                foreign += line
    return good, bad, bytes(foreign)


def separator_of(file: IO[str], header_row: int) -> str:
    """The separator that the header row has most of, outside quotation marks."""
    line = ""
    for _number in range(header_row):
        line = file.readline(LONGEST_LINE)
    bare = re.sub(r'"[^"]*"', "", line)
    return max(SEPARATORS, key=bare.count)


def _lines(file: IO[str]) -> Iterator[str]:
    while line := file.readline(LONGEST_LINE + 1):
        if len(line) > LONGEST_LINE:
            raise FileRefused(_("A line of the file is too long to be a row."), code="line_too_long")
        yield line
