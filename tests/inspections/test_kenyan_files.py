"""Real files from Kenya, where the rules of the demonstration ruleset come from."""

import csv
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from inspections import rules
from inspections.actions import rulebook, visits
from inspections.models import ChecklistItem, ChecklistVersion, Ruleset, Standing
from inspections.states import AnswerKind, BandCode, VisitOutcome, VisitState
from registry.accounts.states import Role
from registry.actions import catalogue
from tests.factories import NOW, TODAY, a_facility, a_user, a_visit, hand_in

pytestmark = pytest.mark.django_db
DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
LABELS = DATA / "checklists" / "kenya_jhic_labels.csv"
INSPECTIONS = DATA / "inspections" / "kenya_kepsie_fictional_inspections_100.csv"
MAPPING = rulebook.DATA / "mappings" / "kenya_jhic.toml"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="../shared/data is not beside this repository")
CATEGORIES = {
    "Minimally": BandCode.MINIMALLY_COMPLIANT,
    "Partially": BandCode.PARTIALLY_COMPLIANT,
    "Substantially": BandCode.SUBSTANTIALLY_COMPLIANT,
    "Fully": BandCode.FULLY_COMPLIANT,
}
SECTIONS = range(2, 14)


@pytest.fixture
def rulebooks():
    catalogue.load(by=None, at=NOW)
    rulebook.load(by=None, at=NOW)


@pytest.fixture
def version(rulebooks):
    call_command("import_checklist", LABELS, mapping=MAPPING, publish=True, stdout=StringIO())
    return ChecklistVersion.objects.get(checklist__code="kenya-jhic")


@needs_data
def test_the_seeded_ruleset_gives_all_100_recorded_categories_from_the_section_scores(rulebooks):
    """The file has no unlicensed facility: every row names a licence, so no override applies. The figures nearest to a
    limit are 39.80 and 60.63; the half-open reading agrees with the record on each."""
    ruleset = Ruleset.objects.get(code="jhic")
    rows = list(csv.DictReader(INSPECTIONS.open(encoding="utf-8")))
    for row in rows:
        points = [
            (Decimal(row[f"score_s{section}_os"]), Decimal(row[f"score_s{section}_ms"]))
            for section in SECTIONS
            if row[f"score_s{section}_ms"]
        ]
        percent = rules.percent(points)
        assert rules.band_for(percent, ruleset).code == CATEGORIES[row["risk_c"]], (row["s0a_2i"], float(percent))
    assert len(rows) == 100


@needs_data
def test_the_list_of_labels_becomes_a_version_of_14_sections_and_459_items(version):
    items = ChecklistItem.objects.filter(section__version=version)
    assert version.state == "published"
    assert version.sections.count() == 14
    assert items.count() == 459
    assert items.filter(kind=AnswerKind.COMPLIANCE).count() == 410
    assert set(version.sections.filter(scored=False).values_list("code", flat=True)) == {"S01", "S14"}
    theatre = version.sections.get(code="S08")
    assert theatre.applies_when == {"services": ["surgery"]}
    item = items.get(code="s2a_1e")
    assert (item.heading_en, item.clause) == ("Signage and accessibility", "JHIC s2a_1e")


@needs_data
def test_the_same_list_again_makes_no_new_version_and_another_one_retires_the_first(version, tmp_path):
    said = StringIO()
    call_command("import_checklist", LABELS, mapping=MAPPING, publish=True, stdout=said)
    assert "as it was" in said.getvalue()
    changed = tmp_path / "labels.csv"
    changed.write_text(LABELS.read_text().replace("legible signage?", "readable signage?"))
    call_command("import_checklist", changed, mapping=MAPPING, publish=True, stdout=said)
    states = (
        ChecklistVersion.objects.filter(checklist=version.checklist).order_by("number").values_list("state", flat=True)
    )
    assert list(states) == ["retired", "published"]


@needs_data
@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda text: text.replace("label_en", "label", 1), "column “label_en” is missing"),
        (lambda text: text.replace("Labour Ward", "", 1), "a section without a label"),
    ],
)
def test_a_broken_list_is_refused_and_leaves_nothing(rulebooks, tmp_path, spoil, sentence):
    broken = tmp_path / "labels.csv"
    broken.write_text(spoil(LABELS.read_text()))
    before = ChecklistVersion.objects.count()
    with pytest.raises(CommandError, match=sentence):
        call_command("import_checklist", broken, mapping=MAPPING, stdout=StringIO())
    assert ChecklistVersion.objects.count() == before


@needs_data
def test_an_inspector_fills_459_items_and_opens_them_in_one_request_each(client, version, django_assert_num_queries):
    inspector = a_user(Role.INSPECTOR)
    services = ["delivery", "laboratory", "pharmacy", "radiology", "surgery"]
    visit = a_visit(
        a_facility(),
        state=VisitState.IN_PROGRESS,
        inspector=inspector,
        checklist_version=version,
        ruleset=Ruleset.objects.get(code="jhic"),
        services=services,
    )
    client.force_login(inspector)
    client.get(reverse("visit-fill", args=[visit.uuid]))
    with django_assert_num_queries(12):
        page = client.get(reverse("visit-fill-section", args=[visit.uuid, "S12"]))
    assert page.content.count(b'type="radio"') == 4 * 410, "the whole checklist, whichever section is open"
    structure = rules.structure(version)
    for revision, (section, items) in enumerate(structure, 1):
        sent = {
            f"a:{rules.key(section, item)}": "yes" if item.kind == AnswerKind.COMPLIANCE else "text" for item in items
        }
        answer = client.post(
            reverse("visit-fill-section", args=[visit.uuid, section.code]), sent | {"revision": revision, "go": ""}
        )
        assert answer.status_code == 302
    visit.refresh_from_db()
    assert len(visit.answers) == 459
    hand_in(visit=visit, visited_on=TODAY, outcome=VisitOutcome.COMPLETED, licence_seen="valid", by=inspector)
    visits.approve(visit=visit, by=a_user(Role.APPROVER), at=NOW)
    assert Standing.objects.get().band == BandCode.FULLY_COMPLIANT


@needs_data
def test_all_no_is_410_findings(version):
    inspector = a_user(Role.INSPECTOR)
    answers = {
        rules.key(section, item): {"answer": "no"}
        for section, items in rules.structure(version)
        for item in items
        if item.kind == AnswerKind.COMPLIANCE
    }
    visit = a_visit(
        state=VisitState.SUBMITTED,
        inspector=inspector,
        checklist_version=version,
        ruleset=Ruleset.objects.get(code="jhic"),
        services=["delivery", "laboratory", "pharmacy", "radiology", "surgery"],
        answers=answers,
    )
    visits.approve(visit=visit, by=a_user(Role.APPROVER), at=NOW)
    assert visit.findings.count() == 410
    assert Standing.objects.get().band == BandCode.NON_COMPLIANT
