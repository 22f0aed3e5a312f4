"""Files as people send them, and as nobody should."""

import csv
import io
import itertools
import json
import subprocess
import sys
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation
from openpyxl import Workbook

from registry.core.tables import BROKEN, FileRefused, open_table

HEADER, FIRST = ["លេខ", "name"], ["០១", "Café “Sokha”"]


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def read(path: Path, **options):
    with open_table(path, **options) as table:
        return table.header, list(table.rows())


def written(tmp_path, content: bytes, name="file.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_a_file_is_read_in_any_encoding_of_unicode_with_any_separator(tmp_path, encoding, separator):
    text = "\r\n".join(separator.join(row) for row in [HEADER, FIRST]) + "\r\n"
    header, rows = read(written(tmp_path, text.encode(encoding)))
    assert [header.cells, rows[0].cells] == [HEADER, FIRST]


def test_a_file_in_a_western_encoding_is_recognised(tmp_path):
    lines = ["name;town", "Hôpital Préah Kossamak;Phnom Penh", "Clinique Sœur Thérèse;Siem Réap", "Calmette;Kép"]
    _, rows = read(written(tmp_path, "\n".join(lines).encode("cp1252")))
    assert rows[1].cells == ["Clinique Sœur Thérèse", "Siem Réap"]


def test_a_broken_byte_is_kept_visible_in_its_cell(tmp_path):
    lines = ["name,town", *["មណ្ឌលសុខភាព,កែប"] * 5]
    content = "\n".join(lines).encode() + b"\nCaf\xe9,Kep\n"
    _, rows = read(written(tmp_path, content))
    assert rows[-1].number == 7 and rows[-1].cells == [f"Caf{BROKEN}", "Kep"]


def test_rows_have_the_numbers_that_a_spreadsheet_shows(tmp_path):
    content = 'title\n\nname,note\n"one","two\nlines"\n\n"three",four\n'
    header, rows = read(written(tmp_path, content.encode()), header_row=2)
    assert header.number == 3
    assert [(row.number, row.cells[0]) for row in rows] == [(4, "one"), (6, "three")]


def test_an_apostrophe_that_an_export_put_before_a_formula_is_taken_away(tmp_path):
    _, rows = read(written(tmp_path, b"lat,name\n'-1.5,'Aoral\n"))
    assert rows[0].cells == ["-1.5", "'Aoral"]


def a_sheet() -> tuple[Workbook, Any]:
    book = Workbook()
    return book, book.active


def test_a_spreadsheet_is_read_like_a_csv_file(tmp_path):
    book, sheet = a_sheet()
    sheet.append(["code", "name", "on", "beds", "share", "open"])
    sheet.append([10001, "ពេទ្យ", date(2026, 3, 8), 12.0, 0.25, True])
    sheet.append([])
    sheet.append(["010005", "B", datetime(2026, 3, 8, 9, 30), None, -1, False])
    book.save(path := tmp_path / "file.bin")
    header, rows = read(path)
    assert (header.number, rows[0].number, rows[1].number) == (1, 2, 4)
    assert rows[0].cells == ["10001", "ពេទ្យ", "2026-03-08", "12", "0.25", "TRUE"]
    assert rows[1].cells == ["010005", "B", "2026-03-08T09:30:00", "", "-1", "FALSE"]


NAMESPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SHEET = f'<worksheet xmlns="{NAMESPACE}">{{}}</worksheet>'
SHARED = (
    '<Override PartName="/xl/sharedStrings.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/></Types>'
)


def a_workbook(tmp_path, *, sheet: str | None = None, replace: dict[str, bytes] | None = None) -> Path:
    """A good workbook with some parts replaced by hand."""
    book, sheet_ = a_sheet()
    sheet_.append(["name"])
    sheet_.append(["Kep"])
    book.save(good := io.BytesIO())
    parts = dict(replace or {})
    if sheet is not None:
        parts["xl/worksheets/sheet1.xml"] = sheet.encode()
    path = tmp_path / "made.xlsx"
    with zipfile.ZipFile(good) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(name, parts.pop(name, source.read(name)))
        for name, content in parts.items():
            target.writestr(name, content)
    return path


def with_shared_strings(tmp_path, rows: list[list[str]]) -> Path:
    """As Excel writes them: every text once in a part of its own, cells refer to it."""
    strings = "".join(f"<si><t>{cell}</t></si>" for row in rows for cell in row)
    numbers = itertools.count()
    cells = "".join(
        f'<row r="{number}">' + "".join(f'<c t="s"><v>{next(numbers)}</v></c>' for _ in row) + "</row>"
        for number, row in enumerate(rows, 1)
    )
    manifest = zipfile.ZipFile(a_workbook(tmp_path)).read("[Content_Types].xml")
    if b"sharedStrings" not in manifest:
        manifest = manifest.replace(b"</Types>", SHARED.encode())
    parts = {
        "xl/sharedStrings.xml": f'<sst xmlns="{NAMESPACE}">{strings}</sst>'.encode(),
        "[Content_Types].xml": manifest,
    }
    return a_workbook(tmp_path, sheet=SHEET.format(f"<sheetData>{cells}</sheetData>"), replace=parts)


def test_shared_strings_are_read(tmp_path):
    header, rows = read(with_shared_strings(tmp_path, [["name", "town"], ["ពេទ្យ", "កែប"]]))
    assert header.cells == ["name", "town"] and rows[0].cells == ["ពេទ្យ", "កែប"]


BILLION_LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
OUTSIDE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
ROW = '<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>{}</t></is></c></row></sheetData>'


@pytest.mark.parametrize(
    ("workbook", "code"),
    [
        ({"sheet": BILLION_LAUGHS + SHEET.format(ROW.format("&b;"))}, "spreadsheet_unreadable"),
        ({"sheet": OUTSIDE + SHEET.format(ROW.format("&a;"))}, "spreadsheet_unreadable"),
        ({"replace": {"xl/workbook.xml": (OUTSIDE + "<x>&a;</x>").encode()}}, "spreadsheet_unreadable"),
        ({"replace": {"xl/workbook.xml": b"<not xml"}}, "spreadsheet_unreadable"),
        ({"sheet": SHEET.format(ROW.format("a" * 5_000_000))}, "row_too_large"),
        (
            {"sheet": SHEET.format('<sheetData><row r="99999999"><c r="A1"><v>1</v></c></row></sheetData>')},
            "table_too_large",
        ),
        (
            {"sheet": SHEET.format('<sheetData><row r="1"><c r="ZZZ1"><v>1</v></c></row></sheetData>')},
            "table_too_large",
        ),
        ({"sheet": SHEET.format("<sheetData/>")}, "no_header"),
        ({"replace": {"xl/styles.xml": b" " * 20_000_000}}, "spreadsheet_too_large"),
        ({"replace": {f"xl/media/{n}.png": b"" for n in range(2_001)}}, "spreadsheet_too_large"),
    ],
)
def test_a_hostile_spreadsheet_is_refused_in_words(tmp_path, workbook, code):
    with pytest.raises(FileRefused) as refusal:
        read(a_workbook(tmp_path, **workbook))
    assert refusal.value.code == code and refusal.value.sentence.endswith(".")


def test_a_spreadsheet_that_unpacks_to_ten_gigabytes_is_refused_before_it_is_unpacked(tmp_path):
    path = a_workbook(tmp_path, sheet=SHEET.format(ROW.format("a")))
    content = path.read_bytes()
    with zipfile.ZipFile(path) as book:
        size = book.getinfo("xl/worksheets/sheet1.xml").file_size
    # What the directory of the archive declares is all that is ever unpacked, so a bomb has to declare itself.
    at = content.rindex(b"xl/worksheets/sheet1.xml") - 46 + 24
    assert int.from_bytes(content[at : at + 4], "little") == size
    path.write_bytes(content[:at] + (4_000_000_000).to_bytes(4, "little") + content[at + 4 :])
    with pytest.raises(FileRefused) as refusal:
        read(path)
    assert refusal.value.code == "spreadsheet_too_large"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file_empty"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old_spreadsheet"),
        (b"PK\x03\x04 no archive", "spreadsheet_unreadable"),
        (b"\n\n", "no_header"),
        (b"a,b\n" + b"x" * 1_100_000, "line_too_long"),
        (b'a,b\n1,2\n"never closed,3\n', "row_unreadable"),
    ],
)
def test_what_is_no_table_is_refused_in_words(tmp_path, content, code):
    with pytest.raises(FileRefused) as refusal:
        read(written(tmp_path, content))
    assert refusal.value.code == code


MEASURE = """
import json, sys, tracemalloc
from pathlib import Path
import django
from django.conf import settings
settings.configure(USE_I18N=False)
from registry.core.tables import open_table
def run(path):
    with open_table(Path(path)) as table:
        return sum(1 for _ in table.rows())
tracemalloc.start()
count = run(sys.argv[1])
print(json.dumps([count, tracemalloc.get_traced_memory()[1]]))
"""


@pytest.mark.parametrize("kind", ["csv", "inline.xlsx", "shared.xlsx"])
def test_reading_three_times_the_rows_takes_hardly_more_memory(tmp_path, kind):
    peaks = []
    for rows in (6_000, 18_000):
        path = tmp_path / f"{rows}.{kind}"
        write_many(path, rows)
        answer = subprocess.run(
            [sys.executable, "-c", MEASURE, str(path)], capture_output=True, check=True, cwd=Path.cwd(), text=True
        )
        count, peak = json.loads(answer.stdout)
        assert count == rows
        peaks.append(peak)
    assert peaks[1] - peaks[0] < 2_000_000, "the texts of the additional rows alone would be more"


def write_many(path: Path, rows: int) -> None:
    cells = [[f"{name} {row}" for name in ("code", "name", "address")] for row in range(rows + 1)]
    if path.name.endswith(".csv"):
        with path.open("w", newline="") as file:
            csv.writer(file).writerows(cells)
    elif "inline" in path.name:
        book = Workbook(write_only=True)
        sheet = book.create_sheet()
        for row in cells:
            sheet.append(row)
        book.save(path)
    else:
        with_shared_strings(path.parent, cells).rename(path)
