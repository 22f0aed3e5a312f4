"""Forms that a checklist cannot hold, or that are none: every fault in its place, quickly, and nothing loaded."""

import tracemalloc
from pathlib import Path

import pytest
from django.utils import translation
from openpyxl import Workbook, load_workbook

from inspections.actions import xlsforms
from inspections.policies import Known
from tests.inspections.forms_to_send import BEGIN, COLUMNS, END, WELL, YES_NO, a_form, with_parts

KNOWN = Known(types=frozenset({"clinic"}), levels=frozenset({"cpa1"}), services=frozenset({"surgery"}))
FORMS = Path(__file__).resolve().parents[3] / "shared" / "data" / "xlsforms"
needs_forms = pytest.mark.skipif(not FORMS.is_dir(), reason="../shared/data is not beside this repository")
RELEVANT = (*COLUMNS, "relevant")


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture
def path(tmp_path):
    return tmp_path / "form.xlsx"


def faults(path: Path) -> list[tuple[str, int | None, str, str]]:
    found = xlsforms.examine(path, known=KNOWN)
    assert (found.definition is None) == bool(found.faults)
    return [(fault.sheet, fault.row, fault.column, fault.sentence) for fault in found.faults]


def the_fault(path: Path) -> tuple[str, int | None, str, str]:
    [fault] = faults(path)
    return fault


def test_a_plain_form_has_no_fault(path):
    assert faults(a_form(path, BEGIN, WELL, END)) == []


@pytest.mark.parametrize(
    ("rows", "row", "column", "words"),
    [
        ([BEGIN, WELL], 2, "type", "never closed"),
        ([BEGIN, WELL, END, END], 5, "type", "No group is open"),
        ([BEGIN, END, ("begin_group", "S02", "Air"), WELL, END], 2, "type", "no question"),
        ([BEGIN, WELL, WELL, END], 4, "name", "Row 3 has the name “well” already."),
        ([BEGIN, WELL, ("text", "Well", "Which?"), END], 4, "name", "only capitals differ"),
        ([BEGIN, WELL, END, ("begin_group", "S01", "Air"), ("text", "a", "Air?"), END], 5, "name", "already"),
        ([BEGIN, ("select_one none", "well", "Well?"), END], 3, "type", "no list “none”"),
        ([BEGIN, ("select_one", "well", "Well?"), END], 3, "type", "no list"),
        ([BEGIN, ("text", "a well", "Well?"), END], 3, "name", "is no name"),
        ([BEGIN, ("text", None, "Well?"), END], 3, "name", "no name"),
        ([BEGIN, ("text", "new", "Well?"), END], 3, "name", "is no code"),
        ([BEGIN, ("text", "w" * 31, "Well?"), END], 3, "name", "longer than 30"),
        ([BEGIN, (None, "well", "Well?"), END], 3, "type", "no type"),
        ([BEGIN, ("wish", "well", "Well?"), END], 3, "type", "XLSForm has no type “wish”."),
        ([BEGIN, ("date", "dug", "When?"), END], 3, "type", "type “date” cannot"),
        ([BEGIN, WELL, ("calculate", "sum"), END], 4, "type", "calculates nothing"),
        ([BEGIN, WELL, ("begin_repeat", "r", "R"), ("end_repeat",), END], 4, "type", "cannot repeat"),
        ([BEGIN, ("select_multiple yn", "well", "Well?"), END], 3, "type", "one answer"),
        ([BEGIN, ("select_one yn or_other", "well", "Well?"), END], 3, "type", "Nobody can write"),
        ([BEGIN, ("text", "well"), END], 3, "label::English (en)", "no label in English"),
        ([BEGIN, ("text", "well", "Is ${x} deep?"), END], 3, "label::English (en)", "an answer to another"),
        ([BEGIN, ("text", "well", "Well?", "kMBg;cam"), END], 3, "label::Khmer (km)", "Limon"),
        ([("text", "early", "Early?"), BEGIN, WELL, END], 2, "type", "outside of every group"),
        ([BEGIN, WELL, ("note", "n", "Thanks"), END], 4, "type", "No question follows"),
    ],
)
def test_what_is_wrong_with_a_row_is_said_of_the_row(path, rows, row, column, words):
    sheet, *place, sentence = the_fault(a_form(path, *rows))
    assert (sheet, place) == ("survey", [row, column])
    assert words in sentence


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("${deep} = 'yes'", "does not come before"),
        ("${late} = 'yes'", "does not come before"),
        ("${lost} = 'yes'", "no question “lost”"),
        ("${well} = 'maybe'", "no answer “maybe”"),
        ("${well} != 'yes'", "A condition says"),
        ("${well} > 3", "A condition says"),
        ("not(${well} = 'yes')", "A condition says"),
        ("${well} = 'yes' or ${tap} = 'yes'", "A condition says"),
        ("(" * 3_000 + "${well} = 'yes'" + ")" * 3_000, "A condition says"),
        ("coalesce(${well}, 1) = 0", "A condition says"),
        ("${well} = 'yes", "A condition says"),
    ],
)
def test_a_condition_that_a_checklist_cannot_hold_is_refused(path, condition, words):
    """A circle is a question that asks for a later one, or for itself."""
    rows = [
        BEGIN,
        WELL,
        ("text", "tap", "A tap?"),
        ("text", "deep", "How deep?", None, condition),
        ("text", "late", "Late?", None, "${well} = 'yes'"),
        END,
    ]
    sheet, row, column, sentence = the_fault(a_form(path, *rows, columns=RELEVANT))
    assert (sheet, row, column) == ("survey", 5, "relevant")
    assert words in sentence


def test_questions_that_ask_for_each_other_are_refused(path):
    rows = [BEGIN, ("text", "a", "A?", None, "${b} = '1'"), ("text", "b", "B?", None, "${a} = '1'"), END]
    assert the_fault(a_form(path, *rows, columns=RELEVANT))[1:3] == (3, "relevant")


@pytest.mark.parametrize(
    ("column", "text", "words"),
    [
        ("weight", "-1", "A weight is"),
        ("weight", "1e9", "A weight is"),
        ("weight", "=1+1", "formula"),
        ("severity", "5", "A severity is"),
        ("critical", "perhaps", "neither yes nor no"),
        ("required", "${well} = 'yes'", "always or never"),
        ("applies_types", "clinic castle", "“castle” is not in the catalogue."),
        ("applies_levels", "cpa9", "“cpa9” is not in the catalogue."),
        ("applies_services", "surgery,magic", "“magic” is not in the catalogue."),
        ("kind", "count", "does not fit"),
        ("kind", "compliance", "yes, partial, no and na"),
        ("constraint", ". > 3", "refuse an answer"),
        ("calculation", "1", "calculates nothing"),
        ("default", "yes", "before it is asked"),
        ("choice_filter", "x=1", "depend on another answer"),
        ("image", "well.png", "no picture"),
        ("clause", "x" * 121, "longer than 120"),
        ("unit", "x" * 21, "longer than 20"),
        ("scored", "yes", "says nothing of a row"),
    ],
)
def test_a_cell_that_a_checklist_cannot_hold_is_refused(path, column, text, words):
    found = faults(a_form(path, BEGIN, (*WELL, text), END, columns=(*COLUMNS, column)))
    assert (found[0][1], words in found[0][3]) == (3, True), found


def test_all_faults_are_listed_at_once_and_those_after_the_two_hundredth_counted(path):
    rows = [("calculate", f"c{number}", "=1") for number in range(150)]
    form = a_form(path, BEGIN, *rows, WELL, END)
    found = xlsforms.examine(form, known=KNOWN)
    assert [len(found.faults), len(found.shown), found.more] == [300, 200, 100]
    assert [fault.row for fault in found.shown[:2]] == [3, 3]


@pytest.mark.parametrize(
    ("choices", "row", "words"),
    [
        ([*YES_NO, ("yn", "YES", "Oh yes")], 4, "has “YES” already"),
        ([*YES_NO, ("yn", "maybe", None)], 4, "no label"),
        ([*YES_NO, ("yn", None, "Maybe")], 4, "no name"),
        ([("list", "names", "label"), *YES_NO[1:]], 1, "no column “list_name”"),
    ],
)
def test_a_fault_in_the_choices_is_said_of_their_sheet(path, choices, row, words):
    found = faults(a_form(path, BEGIN, WELL, END, choices=choices))
    assert [found[-1][:2], words in found[-1][3]] == [("choices", row), True], found


def test_a_list_that_no_question_uses_does_no_harm(path):
    assert faults(a_form(path, BEGIN, WELL, END, choices=[*YES_NO, ("other", "a", None)])) == []


def test_a_header_in_the_wrong_row_is_refused(path):
    book = Workbook()
    book.active.title = "survey"
    for row in (["Form of the ministry"], COLUMNS, BEGIN):
        book.active.append(row)
    book.save(path)
    assert the_fault(path) == ("survey", 1, "", "There is no column “type”. The first row names the columns.")


def test_an_empty_sheet_is_refused(path):
    assert the_fault(a_form(path))[3] == "There is no question in the sheet."
    book = Workbook()
    book.active.title = "survey"
    book.save(path)
    assert the_fault(path)[:2] == ("survey", 1)
    book.active.title = "Sheet1"
    book.save(path)
    assert the_fault(path)[3] == "The workbook has no sheet “survey”."


def test_merged_cells_and_formulas_are_refused(path):
    a_form(path, BEGIN, WELL, END)
    book = load_workbook(path)
    book["survey"].merge_cells("C3:D3")
    book["survey"]["C2"] = '=CONCATENATE("a", "b")'
    book.save(path)
    found = faults(path)
    assert found[0][:3] == ("survey", 2, "C") and "formula" in found[0][3]
    assert ("survey", 3, "C", "The cells C3:D3 are merged. Separate them.") in found


def test_text_that_looks_like_a_formula_is_text(path):
    a_form(path, BEGIN, WELL, END)
    book = load_workbook(path)
    book["survey"]["C3"] = "=1+1"
    book["survey"]["C3"].data_type = "s"
    book.save(path)
    found = xlsforms.examine(path, known=KNOWN)
    assert found.definition["section"][0]["item"][0]["label_en"] == "=1+1"


def test_a_workbook_with_macros_is_refused(path):
    assert "macros" in the_fault(with_parts(a_form(path, BEGIN, WELL, END), xl__vbaProject=b"macro"))[3]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0" + bytes(600), b"type,name\ntext,a\n"])
def test_a_file_that_is_no_workbook_is_refused(path, content):
    path.write_bytes(content)
    assert "no XLSX workbook" in the_fault(path)[3]


def test_a_workbook_that_is_damaged_is_refused(path):
    with_parts(a_form(path, BEGIN, WELL, END), xl__worksheets__sheet1=b"<worksheet><sheetData><row")
    assert "cannot be read as a spreadsheet" in the_fault(path)[3]


def test_five_thousand_rows_are_refused(path):
    rows = [("text", f"q{number}", "Why?") for number in range(5_000)]
    assert the_fault(a_form(path, BEGIN, *rows, END))[1:] == (
        2_002,
        "",
        "The sheet “survey” goes on after row 2001, the last that a form may have.",
    )


def test_more_text_than_a_form_has_does_not_fill_the_memory(path):
    a_form(path, BEGIN, *(("text", f"q{number}", "W" * 30_000) for number in range(1_000)), END)
    tracemalloc.start()
    sentence = the_fault(path)[3]
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "more text or columns" in sentence
    assert most < 20_000_000


def test_more_columns_than_a_form_has_are_refused(path):
    assert "more text or columns" in the_fault(a_form(path, BEGIN, WELL, [*END, *"x" * 200]))[3]


def test_a_column_without_a_heading_is_refused(path):
    sentence = "The column has no name in the first row."
    assert the_fault(a_form(path, BEGIN, (*WELL, "remark"), END)) == ("survey", 1, "E", sentence)


@pytest.mark.parametrize(
    ("part", "bomb"),
    [
        ("xl__worksheets__sheet1", b"<worksheet><sheetData>" + b" " * 60_000_000),
        ("xl__media__image1", bytes(60_000_000)),
    ],
)
def test_a_zip_bomb_does_not_go_off(path, part, bomb):
    with_parts(a_form(path, BEGIN, WELL, END), **{part: bomb})
    del bomb
    tracemalloc.start()
    sentence = the_fault(path)[3]
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "unpacks to more" in sentence
    assert most < 5_000_000


def test_pyxform_has_the_last_word(path):
    """A name that the form itself needs: only the other tools know."""
    sheet, _row, _column, sentence = the_fault(a_form(path, ("begin_group", "meta", "Meta"), WELL, END))
    assert (sheet, "Other tools would refuse" in sentence) == ("survey", True)


@needs_forms
def test_the_invalid_form_is_refused_and_row_15_named():
    found = {(row, column): sentence for _sheet, row, column, sentence in faults(FORMS / "iaso_INVALID_xlsform.xlsx")}
    assert "is no name" in found[15, "name"]
    assert {9, 31, 45, 55, 57} <= {row for row, _column in found}


@needs_forms
def test_the_facility_form_is_refused_for_what_is_no_part_of_a_checklist():
    found = faults(FORMS / "iaso_default_health_facility_form.xlsx")
    assert [(row, column) for _sheet, row, column, _sentence in found] == [
        (3, "type"),
        (4, "type"),
        (11, "type"),
        (19, "type"),
        (20, "type"),
        (38, "type"),
        (39, "type"),
        *((row, "relevant") for row in (40, 41, 42)),
    ]


@needs_forms
def test_the_form_with_repeats_is_refused():
    found = {row: sentence for _sheet, row, _column, sentence in faults(FORMS / "iaso_repeat_group.xlsx")}
    assert "cannot repeat" in found[44]
    assert "A condition says" in found[8]


@needs_forms
def test_the_long_form_is_refused_for_its_calculations_and_read_without_them(path):
    found = faults(FORMS / "iaso_form_1.xlsx")
    assert all("calculates nothing" in fault[3] for fault in found if fault[1] < 107)
    book = load_workbook(FORMS / "iaso_form_1.xlsx")
    sheet = book["survey"]
    for number in range(sheet.max_row, 1, -1):
        if sheet.cell(number, 1).value in ("calculate", "note"):
            sheet.delete_rows(number)
    questions = sum(str(row[0]).startswith(("select", "text", "integer")) for row in sheet.values)
    book.save(path)
    read = xlsforms.examine(path, known=KNOWN)
    assert read.faults == []
    [section] = read.definition["section"]
    assert (section["code"], len(section["item"])) == ("section_6", questions)
    assert section["item"][0]["choices"] == [
        {"code": "1", "label_km": "", "label_en": "Oui"},
        {"code": "0", "label_km": "", "label_en": "Non"},
    ]
    assert section["item"][3]["heading_en"].startswith("6.4 Carnets")
    assert section["item"][3]["guidance_en"] == "Carnets de reçu"
    assert any("records it itself" in notice for notice in read.notices)
