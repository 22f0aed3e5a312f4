"""Checklists as XLSForms: what goes out comes back the same, and other tools accept it."""

from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from pyxform.xls2xform import convert

from inspections import rules
from inspections.actions import rulebook, xlsforms
from inspections.actions.xlsforms.escapes import escaped, unescaped
from inspections.models import ChecklistVersion
from inspections.states import Answer, AnswerKind, Severity
from registry.actions import catalogue
from tests.factories import NOW, a_facility_type, a_ruleset, a_service

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


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
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
