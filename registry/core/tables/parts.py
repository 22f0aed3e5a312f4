from collections.abc import Iterator
from typing import NamedTuple, Protocol

from registry.core.errors import Refused

BROKEN = "\ufffd"
"""Stands where a file has bytes that are no text in its encoding."""

MOST_ROWS = 1_048_576
MOST_COLUMNS = 1_000


class FileRefused(Refused):
    """A file that cannot be read at all; `row` and `column` where they are known."""

    def __init__(self, sentence: str, *, code: str, row: int | None = None, column: str = "") -> None:
        super().__init__(sentence, code=code)
        self.row = row
        self.column = column


class Row(NamedTuple):
    """One row with the number a spreadsheet shows for it."""

    number: int
    cells: list[str]


class Table(Protocol):
    """The rows of one sheet or file; cells are text without white space around it."""

    header: Row
    expected_rows: int
    """How many rows the file seems to have, for a progress bar."""

    def rows(self) -> Iterator[Row]:
        """The rows under the header that have anything in them, once."""
        ...
