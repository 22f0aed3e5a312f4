"""Reads over several models for pages and exports."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _

from registry.models import ImportJob, ImportRow, PublicHoliday


def calendar_reaches() -> date | None:
    """The last day for which public holidays are known: the end of the last year that has any; None without one."""
    last = PublicHoliday.objects.aggregate(day=Max("day"))["day"]
    return date(last.year, 12, 31) if last else None


def row_errors(job: ImportJob, *, most: int) -> list[dict[str, Any]]:
    """The first errors of an import in the order of its rows: row, column, code, sentence."""
    rows = refused_rows(job).values_list("row_number", "errors")[:most]
    return [{"row": number, **error} for number, errors in rows for error in errors][:most]


def possible_duplicates(job: ImportJob, *, most: int) -> list[ImportRow]:
    return list(job.noted_rows.exclude(duplicates=[]).order_by("row_number")[:most])


def refused_rows(job: ImportJob) -> Any:
    return job.noted_rows.exclude(errors=[]).order_by("row_number")


def error_file(job: ImportJob) -> tuple[list[str], Iterator[list[Any]]]:
    """Headings and rows of the file that hands the refused rows back: as they came, with what is wrong in front.

    It can be corrected and imported as it is: columns are found by their names.
    """
    first = refused_rows(job).exclude(values=[]).first()
    headings = [_("Row"), _("What is wrong"), *([name for name, _cell in first.values] if first else [])]
    return headings, (
        [row.row_number, " ".join(told(error) for error in row.errors), *(cell for _name, cell in row.values)]
        for row in refused_rows(job).iterator(chunk_size=1_000)
    )


def told(error: dict[str, str]) -> str:
    return f"{error['column']}: {error['sentence']}" if error["column"] else error["sentence"]
