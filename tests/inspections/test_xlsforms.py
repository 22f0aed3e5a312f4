"""Checklists as XLSForms: what goes out comes back the same, and other tools accept it."""

from decimal import Decimal
from pathlib import Path

import pytest
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from pyxform.xls2xform import convert

from inspections.actions import rulebook, xlsforms
from inspections.actions.xlsforms.escapes import escaped, unescaped
from inspections.models import ChecklistVersion
from inspections.policies import Known
from inspections.states import Answer, AnswerKind, Severity
from registry.actions import catalogue
from tests.factories import NOW, a_facility_type, a_ruleset, a_service
from tests.inspections.forms_to_send import BEGIN, COLUMNS, END, WELL, a_form

pytestmark = pytest.mark.django_db

KHMER = st.text("កខគឃងចឆជតថទធនបផពភមយរលវសហឡអាិីុូេោ្ំ០១២ ", min_size=1, max_size=20).map("ក".__add__)
AWKWARD = st.text(
    st.one_of(st.sampled_from("=+-@'\"<>&${}_x000D_\r\n\t\u200b \x01 \ufffe😀"), st.characters(codec="utf-8")),
    max_size=30,
).filter(lambda text: "\x00" not in text)
ENGLISH = AWKWARD.map("A".__add__)
CODE = st.text("ABcd019_-", min_size=1, max_size=12).filter(lambda code: code != "new")
NUMBER = st.decimals(0, 9999, places=3).map(lambda number: number.quantize(Decimal("0.001")))
APPLIES = st.fixed_dictionaries(
    {},
    optional={
        "types": st.just(["clinic"]),
        "levels": st.just(["cpa1"]),
        "services": st.permutations(["surgery", "delivery"]),
    },
)


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture
def known(db):
    a_facility_type(level="cpa1")
    a_service()
    a_service("delivery")
    a_ruleset()
    return rulebook.known()


@st.composite
def items(draw, code, earlier):
    kind = draw(st.sampled_from(AnswerKind.values))
    codes = draw(st.lists(AWKWARD.map("a".__add__), min_size=1, max_size=4, unique_by=str.casefold))
    if draw(st.booleans()):
        codes = draw(st.permutations(Answer.values))
    conditions = []
    for on in draw(st.lists(st.sampled_from(earlier), max_size=2)) if earlier else ():
        answers = on["answers"] or ["1", "2.5", "it's"]
        conditions.append({"item": on["key"], "is": draw(st.lists(st.sampled_from(answers), min_size=1, unique=True))})
    choices = [{"code": code, "label_km": draw(KHMER), "label_en": draw(ENGLISH)} for code in codes]
    return {
        "code": code,
        "heading_km": draw(st.sampled_from(["", "ក្បាល"])),
        "heading_en": draw(st.sampled_from(["", "=1+1", "Water"])),
        "label_km": draw(st.one_of(st.just(""), KHMER)),
        "label_en": draw(ENGLISH),
        "kind": kind,
        "unit": draw(st.sampled_from(["", "°C", "kg"])),
        "choices": choices if kind == AnswerKind.CHOICE else [],
        "required": draw(st.booleans()),
        "applies_when": draw(APPLIES),
        "asked_if": conditions,
        "weight": draw(NUMBER),
        "critical": draw(st.booleans()),
        "clause": draw(AWKWARD),
        "severity": draw(st.sampled_from(Severity.values)),
        "guidance_km": draw(st.one_of(st.just(""), KHMER)),
        "guidance_en": draw(AWKWARD),
    }


def answers_of(item):
    if item["kind"] == AnswerKind.COMPLIANCE:
        return Answer.values
    return [choice["code"] for choice in item["choices"] if not {"'", '"'} <= {*choice["code"]}] or None


@st.composite
def definitions(draw):
    sections, earlier = [], []
    for code in draw(st.lists(CODE, min_size=1, max_size=3, unique=True)):
        section = {
            "code": code,
            "name_km": draw(st.one_of(st.just(""), KHMER)),
            "name_en": draw(ENGLISH),
            "scored": draw(st.booleans()),
            "applies_when": draw(APPLIES),
            "item": [],
        }
        for item_code in draw(st.lists(CODE, min_size=1, max_size=4, unique=True)):
            item = draw(items(item_code, earlier))
            section["item"].append(item)
            if item["kind"] != AnswerKind.CHOICE or answers_of(item):
                earlier.append({"key": f"{code}.{item_code}", "answers": answers_of(item)})
        sections.append(section)
    return {
        "code": "tested",
        "name_km": draw(KHMER),
        "name_en": draw(ENGLISH),
        "source": draw(AWKWARD),
        "ruleset_code": "test",
        "facility_types": ["clinic"],
        "section": sections,
    }


def written(version, path: Path) -> Path:
    with xlsforms.workbook(version) as file:
        path.write_bytes(file.read())
    return path


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(definition=definitions())
def test_what_goes_out_comes_back_the_same_and_pyxform_accepts_it(known, tmp_path, definition):
    ChecklistVersion.objects.all().delete()
    version, _new = rulebook.add_version(definition=definition, by=None, at=NOW)
    path = written(version, tmp_path / "form.xlsx")
    assert convert(path, warnings=[]).xform
    found = xlsforms.examine(path, known=known)
    assert found.faults == []
    assert found.definition == definition
    assert xlsforms.draft(definition=found.definition, by=None, at=NOW) == (version, False)


def test_the_demonstration_checklist_comes_back_the_same(tmp_path):
    catalogue.load(by=None, at=NOW)
    rulebook.load(by=None, at=NOW)
    version = ChecklistVersion.objects.get(checklist__code="general")
    found = xlsforms.examine(written(version, tmp_path / "form.xlsx"), known=rulebook.known())
    assert found.faults == found.notices == []
    assert found.definition["code"] == "general"
    assert xlsforms.draft(definition=found.definition, by=None, at=NOW) == (version, False)


def test_nothing_in_the_workbook_is_run_as_a_formula(known, tmp_path):
    item = {"code": "01", "label_en": "=HYPERLINK(1)", "clause": "+855", "guidance_en": "@SUM(A1)"}
    section = {"code": "S01", "name_en": "-1", "item": [item]}
    definition = {"code": "c", "name_km": "ក", "name_en": "=1", "ruleset_code": "test", "facility_types": []}
    version, _new = rulebook.add_version(definition={**definition, "section": [section]}, by=None, at=NOW)
    book = load_workbook(written(version, tmp_path / "form.xlsx"))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    assert all(cell.quotePrefix for cell in cells if cell.value.startswith(("=", "+", "-", "@")))


@given(text=AWKWARD)
def test_text_survives_a_cell(text):
    kept = escaped(text)
    assert unescaped(kept) == text
    assert kept == kept.strip()
    assert "${" not in kept


def read(path, *rows, **options):
    found = xlsforms.examine(a_form(path, *rows, **options), known=Known(frozenset(), frozenset(), frozenset()))
    assert found.faults == []
    return found


def test_conditions_of_groups_are_those_of_all_their_questions(tmp_path):
    columns = (*COLUMNS, "relevance")
    rows = [
        ("begin group", "S01", "Water"),
        (*WELL, None),
        ("begin group", "deep", "Depth", None, "${well} = 'yes'"),
        ("integer", "metres", "How deep?"),
        ("text", "why", "Why?", None, "(${metres} = 1 or '2' = ${metres}) and selected(${well}, \"yes\")"),
        ("end group",),
        ("end group",),
    ]
    [section] = read(tmp_path / "form.xlsx", *rows, columns=columns).definition["section"]
    well, metres, why = section["item"]
    on_well = {"item": "S01.well", "is": ["yes"]}
    assert [well["asked_if"], metres["asked_if"]] == [[], [on_well]]
    assert why["asked_if"] == [on_well, {"item": "S01.metres", "is": ["1", "2"]}, on_well]
    assert [item["heading_en"] for item in section["item"]] == ["", "Depth", "Depth"]


def test_notes_and_hints_become_guidance(tmp_path):
    columns = (*COLUMNS, "hint", "hint::km")
    rows = [BEGIN, ("note", None, "Look first.", "មើលសិន"), (*WELL, "In the yard.", "ក្នុងទីធ្លា"), END]
    [section] = read(tmp_path / "form.xlsx", *rows, columns=columns).definition["section"]
    assert section["item"][0]["guidance_en"] == "Look first.\n\nIn the yard."
    assert section["item"][0]["guidance_km"] == "មើលសិន\n\nក្នុងទីធ្លា"


@pytest.mark.parametrize(
    ("english", "khmer"),
    [
        ("label::English (en)", "label::Khmer (km)"),
        ("label", "Label::ភាសាខ្មែរ"),
        ("caption:en", "caption:km"),
        ("Label :: english", "LABEL::KHMER"),
    ],
)
def test_languages_are_understood_however_a_form_writes_them(tmp_path, english, khmer):
    found = read(tmp_path / "form.xlsx", BEGIN, WELL, END, columns=("type", "name", english, khmer))
    assert found.definition["section"][0]["item"][0]["label_km"] == "តើមានអណ្តូងទេ?"


def test_a_form_without_groups_is_one_section_and_what_telephones_record_is_left_out(tmp_path):
    columns = (*COLUMNS, "label::French (fr)", "appearance")
    found = read(tmp_path / "form.xlsx", ("start", "start"), ("deviceid", "id"), (*WELL, "Puits?"), columns=columns)
    [section] = found.definition["section"]
    assert (section["code"], section["name_en"], len(section["item"])) == ("S01", "Water", 1)
    assert any("rows 2, 3" in notice for notice in found.notices)
    assert sum("left out" in notice and ("French" in notice or "appearance" in notice) for notice in found.notices) == 2


def test_the_four_answers_of_compliance_are_recognised(tmp_path):
    answers = [("list_name", "name", "label"), *(("c", answer, answer) for answer in Answer.values)]
    row = ("select one c", "well", "Well?")
    found = read(tmp_path / "form.xlsx", BEGIN, row, END, choices=answers)
    item = found.definition["section"][0]["item"][0]
    assert (item["kind"], item["choices"], item["weight"], item["severity"]) == ("compliance", [], 1, 2)
