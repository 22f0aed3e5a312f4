from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.utils.translation import gettext as _

from registry.core.tables.parts import FileRefused, Table
from registry.core.tables.separated import SeparatedTable
from registry.core.tables.spreadsheet import SpreadsheetTable

LARGEST_FILE = 200 * 1024 * 1024
ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


@contextmanager
def open_table(
    path: Path, *, encoding: str = "", separator: str = "", sheet: str = "", header_row: int = 1
) -> Iterator[Table]:
    """The table in the file, whatever its name says it is. What is left empty is found out from the file.

    Raises FileRefused, here and while rows are read, with a sentence for people.
    """
    size = path.stat().st_size
    if size > LARGEST_FILE:
        sentence = _("The file has %(size)s MB; %(most)s MB is the most that can be read.")
        values = {"size": size // 1024**2, "most": LARGEST_FILE // 1024**2}
        raise FileRefused(sentence % values, code="file_too_large")
    if size == 0:
        raise FileRefused(_("The file is empty."), code="file_empty")
    with path.open("rb") as file:
        start = file.read(4)
    if start == OLE:
        sentence = _("This is an old or password-protected Excel file. Save it as XLSX or CSV, without a password.")
        raise FileRefused(sentence, code="old_spreadsheet")
    if start == ZIP:
        with SpreadsheetTable.opened(path, sheet=sheet, header_row=header_row) as spreadsheet:
            yield spreadsheet
    else:
        with SeparatedTable.opened(path, encoding=encoding, separator=separator, header_row=header_row) as separated:
            yield separated
