"""Exports carry every row, in Khmer, and run nothing in a spreadsheet."""

import csv
import io
import tracemalloc
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, cast
from urllib.parse import quote

import pytest
from django.http import FileResponse, StreamingHttpResponse
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from registry.accounts.states import Role
from registry.audit.models import AuditEvent
from registry.ui import exports
from tests.factories import NOW, a_user

FORMULAS = ["=HYPERLINK(1)", "+855 12", "-5 beds", "@SUM(1)", "\t=1", "\r=1", "\n=1", "＝1", "=1+1;x"]


def csv_rows(response: Any) -> list[list[str]]:
    text = b"".join(response.streaming_content).decode()
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def as_csv(rows: list[list[Any]]) -> list[list[str]]:
    return csv_rows(exports.response("csv", title="x", headings=["a"], rows=rows))[1:]


def as_xlsx(rows: list[list[Any]]) -> list[list[Any]]:
    response = cast(FileResponse, exports.response("xlsx", title="x", headings=["a"], rows=rows))
    book = load_workbook(io.BytesIO(response.getvalue()))
    return [list(row) for row in book.worksheets[0].iter_rows(min_row=2)]


@pytest.mark.parametrize("text", FORMULAS)
def test_text_that_looks_like_a_formula_runs_in_no_spreadsheet(text: str) -> None:
    assert as_csv([[text]]) == [["'" + text]]
    cell = as_xlsx([[text]])[0][0]
    assert cell.data_type == "s" and cell.quotePrefix
    assert cell.value == text.replace("\r", "\n")


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_any_text_comes_through_unharmed(text: str) -> None:
    written = as_csv([[text, "ខ្មែរ"]])
    assert written == [[exports.neutralised(text), "ខ្មែរ"]]
    assert not written[0][0].startswith(exports.FORMULA_STARTS)


def test_numbers_and_days_keep_their_kind() -> None:
    moment = datetime(2026, 11, 22, 3, 0, tzinfo=timezone.get_fixed_timezone(0))
    row = [-5, Decimal("-1.50"), date(2026, 3, 8), moment, True, None, "005"]
    assert as_csv([row])[0] == ["-5", "-1.50", "2026-03-08", "2026-11-22 10:00:00", as_csv([[True]])[0][0], "", "005"]
    cells = as_xlsx([row])[0]
    assert [cell.data_type for cell in cells] == ["n", "n", "d", "d", "s", "n", "s"]
    assert cells[0].value == -5 and cells[3].value == datetime(2026, 11, 22, 10, 0)


def test_characters_that_a_workbook_cannot_hold_are_left_out() -> None:
    assert as_xlsx([["a\x00b\x0bc\ufffed\ud800"]])[0][0].value == "abcd"


def test_the_file_is_named_after_the_list_in_khmer_too() -> None:
    response = exports.response("csv", title="គ្រឹះស្ថាន 2026", headings=[], rows=[])
    assert response["Content-Disposition"] == f"attachment; filename*=utf-8''{quote('គ្រឹះស្ថាន 2026.csv')}"
    assert response["Content-Type"] == "text/csv; charset=utf-8"


def test_a_sheet_that_is_full_continues_on_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "ROWS_PER_SHEET", 3)
    response = cast(FileResponse, exports.response("xlsx", title="x", headings=["n"], rows=[[n] for n in range(5)]))
    book = load_workbook(io.BytesIO(response.getvalue()))
    assert [[row[0] for row in sheet.values] for sheet in book] == [["n", 0, 1], [2, 3, 4]]


@pytest.mark.parametrize("file_format", exports.FORMATS)
def test_memory_does_not_grow_with_the_length_of_the_list(file_format: str) -> None:
    def peak(length: int) -> int:
        rows: Iterator[list[Any]] = ([n, "គ្រឹះស្ថានសុខាភិបាល" * 3] for n in range(length))
        tracemalloc.start()
        response = exports.response(file_format, title="x", headings=["a", "b"], rows=rows)
        for _chunk in cast(StreamingHttpResponse, response):
            pass
        response.close()
        reached = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return reached

    peak(10)
    assert peak(20_000) < peak(2_000) + 1_000_000


@pytest.mark.django_db
def test_an_export_is_the_list_with_its_filters_and_its_sort_but_not_its_page(client: Client) -> None:
    AuditEvent.objects.bulk_create(
        AuditEvent(
            verb="licence.issued",
            occurred_at=NOW + timedelta(minutes=n),
            subject_kind="x",
            subject_number=f"L-{n:03d}",
            subject_label="មន្ទីរ",
            by_username="sok" if n % 2 else "sao",
        )
        for n in range(130)
    )
    client.force_login(a_user(Role.AUDITOR))
    cursor = client.get("/history/", {"by": "sok", "sort": "at"}).context["next"]
    response = client.get(f"/history/{cursor}&export=csv")
    rows = csv_rows(response)
    number, label = rows[0].index("Number"), rows[0].index("Subject")
    assert [row[number] for row in rows[1:]] == [f"L-{n:03d}" for n in range(1, 130, 2)]
    assert rows[1][label] == "មន្ទីរ"
    assert "no-store" in response["Cache-Control"]
    workbook = client.get("/history/", {"by": "sok", "export": "xlsx"})
    sheet = load_workbook(io.BytesIO(b"".join(workbook.streaming_content))).worksheets[0]  # type: ignore[attr-defined]
    assert sheet.max_row == 66


@pytest.mark.django_db(transaction=True)
def test_an_export_reads_through_a_cursor_of_the_server(client: Client, django_assert_max_num_queries: Any) -> None:
    AuditEvent.objects.create(verb="a.b", occurred_at=NOW, subject_kind="x", subject_number="1")
    client.force_login(a_user(Role.AUDITOR))
    with django_assert_max_num_queries(3) as captured:
        csv_rows(client.get("/history/?export=csv"))
    assert any("NO SCROLL CURSOR" in query["sql"] for query in captured.captured_queries)


@pytest.mark.django_db
def test_a_person_outside_the_scope_of_a_list_gets_no_file_of_it(client: Client) -> None:
    client.force_login(a_user(Role.INSPECTOR))
    assert client.get("/history/?export=csv").status_code == 403
