"""Rows on their way: into the temporary table, and into the notes that outlive the load."""

import io
import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from registry.actions.imports.kinds import Load
from registry.core.mappings import CellRefused, Columns, shortened
from registry.core.tables import BROKEN, Row
from registry.models import ImportJob, ImportRow

PAGE = 1_000


def stage_rows(job: ImportJob, load: Load, columns: Columns, rows: Sequence[Row]) -> int:
    """Stage the rows that can be understood and note the others; returns how many were refused."""
    lines, refused = io.StringIO(), []
    for row in rows:
        values, faults = _understood(load, columns, row)
        original = list(zip_longest(columns.names, row.cells, fillvalue=""))
        if faults:
            errors = [fault.as_error() for fault in faults]
            refused.append(ImportRow(job=job, row_number=row.number, values=original, errors=errors))
        else:
            lines.write(_copied([row.number, json.dumps(original, ensure_ascii=False), *values]))
    lines.seek(0)
    names = ", ".join(("row_number", "original", *load.staged_columns))
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY import_staged ({names}) FROM STDIN", lines)
    ImportRow.objects.bulk_create(refused)
    return len(refused)


def _understood(load: Load, columns: Columns, row: Row) -> tuple[list[Any], list[CellRefused]]:
    width = len(columns.names)
    if len(row.cells) != width:
        sentence = _("The row has %(cells)s cells, but the file has %(columns)s columns.")
        return [], [CellRefused("", "cells_do_not_fit", sentence % {"cells": len(row.cells), "columns": width})]
    broken = [
        CellRefused(name, "broken_text", _("“%(text)s” has bytes that are no text.") % {"text": shortened(cell)})
        for name, cell in zip(columns.names, row.cells, strict=True)
        if BROKEN in cell
    ]
    return ([], broken) if broken else load.row(columns.cells(row))


_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def _copied(values: Iterable[Any]) -> str:
    """One line of PostgreSQL's COPY text format."""
    return "\t".join("\\N" if value is None else str(value).translate(_ESCAPES) for value in values) + "\n"


def note_faults(job: ImportJob, load: Load) -> int:
    """Note the staged rows that the comparison refused; returns how many."""
    count = 0
    for rows in _pages("fault, detail", "fault IS NOT NULL"):
        notes = []
        for number, original, code, detail in rows:
            column, sentence = load.fault(code, detail or "")
            error = {"column": column, "code": code, "sentence": sentence}
            notes.append(ImportRow(job=job, row_number=number, values=original, errors=[error]))
        ImportRow.objects.bulk_create(notes)
        count += len(notes)
    return count


def note_duplicates(job: ImportJob) -> int:
    """Note the staged rows that may be in the register already, or twice in the file; returns how many."""
    count = 0
    for rows in _pages("candidates", "fault IS NULL AND candidates IS NOT NULL"):
        notes = [
            ImportRow(job=job, row_number=number, values=original, duplicates=candidates)
            for number, original, candidates in rows
        ]
        ImportRow.objects.bulk_create(notes)
        count += len(notes)
    return count


def _pages(columns: str, condition: str) -> Iterator[list[tuple[Any, ...]]]:
    last = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT row_number, original, {columns} FROM import_staged"
                f" WHERE row_number > %s AND {condition} ORDER BY row_number LIMIT {PAGE}",
                [last],
            )
            rows = [tuple(_json(value) for value in row) for row in cursor.fetchall()]
        if not rows:
            return
        yield rows
        last = rows[-1][0]


def _json(value: Any) -> Any:
    """Django leaves jsonb of raw statements as text, so that its own fields may decode it."""
    return json.loads(value) if isinstance(value, str) and value.startswith("[") else value
