"""Historic visits from files: what the real file says, straight, beside what the register says after the import."""

import csv
import json
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import translation

from inspections.actions import rulebook
from inspections.models import Finding, Ruleset, Standing, Visit
from inspections.states import Purpose, VisitOutcome, VisitState
from registry import reports
from registry.accounts.states import Role
from registry.actions import catalogue, imports
from registry.core.dates import add_months
from registry.core.errors import NotPermitted
from registry.core.mappings import MappingRefused
from registry.models import FacilityIdentifier, ImportJob
from registry.states import ImportState
from tests.factories import NOW, a_facility, a_ruleset, a_user, an_approved_visit, another_province

pytestmark = pytest.mark.django_db
DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "inspections"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="the real files are not beside this repository")
HOMES, DEFICIENCIES = DATA / "us_cms_nursing_homes_6states.csv", DATA / "us_cms_deficiencies_6states.csv"

MAPPING = """
kind = "visits"
source = "old-books"
[ruleset]
code = "test"
[facility]
system = "test"
columns = ["code"]
[visit]
visited_on = "day"
outcome = "outcome"
score = "score"
[visit.purpose]
column = "purpose"
first = ["routine", "complaint"]
[finding]
key = "clause"
clause = "clause"
text = "text"
severity = "severity"
corrected_on = "corrected"
"""
COLUMNS = ["code", "day", "outcome", "score", "purpose", "clause", "text", "severity", "corrected"]
ROW = dict(zip(COLUMNS, ["A", "1/3/2024", "completed", "80", "routine", "1.1", "Dust", "2", ""], strict=True))


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture
def facility():
    a_ruleset()
    facility = a_facility()
    FacilityIdentifier.objects.create(facility=facility, system="test", value="A")
    return facility


@pytest.fixture
def file(tmp_path) -> Callable[..., Path]:
    def write(*rows: dict[str, str]) -> Path:
        path = tmp_path / "visits.csv"
        with path.open("w", newline="") as lines:
            writer = csv.DictWriter(lines, COLUMNS)
            writer.writeheader()
            writer.writerows({**ROW, "clause": f"1.{number}"} | row for number, row in enumerate(rows, 1))
        return path

    return write


def run(path: Path, mapping: str = MAPPING, *, accept_valid=False, dry_run=False, by=None, at=NOW) -> ImportJob:
    job = imports.stage(
        file_name=path.name, file=None, mapping=mapping, dry_run=dry_run, accept_valid=accept_valid, by=by, at=at
    )
    imports.work(job=job, at=at, path=path)
    return job


def errors(job: ImportJob) -> list[tuple[int, str, str]]:
    return [(error["row"], error["column"], error["code"]) for error in reports.row_errors(job, most=100)]


def counts(job: ImportJob) -> tuple[int, ...]:
    return job.rows, job.created, job.updated, job.unchanged, job.refused


def checksums() -> list[str]:
    tables = ("visit", "visitevent", "finding", "findingevent", "standing", "standingevent")
    with connection.cursor() as cursor:
        found = []
        for table in tables:
            cursor.execute(f"SELECT md5(string_agg(t::text, '' ORDER BY t::text)) FROM inspections_{table} t")
            found.append(cursor.fetchone()[0])
    return found


# --- the real file


@pytest.fixture
def homes():
    catalogue.load(by=None, at=NOW)
    call_command("import_facilities", str(HOMES), mapping="us_cms_nursing_homes")


def summary_of(command: str, path: Path, mapping: str, capsys) -> dict:
    capsys.readouterr()
    call_command(command, str(path), mapping=mapping, format="json")
    return json.loads(capsys.readouterr().out)


@needs_data
def test_6432_findings_become_961_visits_and_a_second_import_changes_nothing(homes, capsys):
    first = summary_of("import_visits", DEFICIENCIES, "us_cms_deficiencies", capsys)
    assert {name: first[name] for name in ("rows", "created", "visits_created", "refused")} == {
        "rows": 6_432, "created": 6_432, "visits_created": 961, "refused": 0,
    }  # fmt: skip
    before = checksums()
    second = summary_of("import_visits", DEFICIENCIES, "us_cms_deficiencies", capsys)
    assert (second["unchanged"], second["visits_unchanged"]) == (6_432, 961)
    assert (second["created"], second["updated"], second["visits_updated"]) == (0, 0, 0)
    assert checksums() == before


@needs_data
def test_visits_findings_and_standings_are_those_of_the_file(homes):
    call_command("import_visits", str(DEFICIENCIES), mapping="us_cms_deficiencies")
    with DEFICIENCIES.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    visits = defaultdict(list)
    for row in rows:
        visits[row["ccn"], row["survey_date"]].append(row)

    known = dict(FacilityIdentifier.objects.values_list("facility_id", "value"))
    kept = {(known[visit.facility_id], visit.visited_on.isoformat()): visit for visit in Visit.objects.all()}
    assert kept.keys() == visits.keys()
    for key, visit in kept.items():
        assert (visit.state, visit.outcome, visit.band) == (VisitState.APPROVED, VisitOutcome.COMPLETED, "")
        assert visit.next_due_on == add_months(visit.visited_on, 15)
        complaint = all(row["is_complaint"] == "True" for row in visits[key])
        assert visit.purpose == (Purpose.COMPLAINT if complaint else Purpose.ROUTINE)
    assert {visit.ruleset.code for visit in Visit.objects.select_related("ruleset")} == {"cms-15-months"}

    found = Finding.objects.values_list("facility_id", "visit__visited_on", "clause", "grid", "text", "corrected_on")
    assert Counter((known[facility], str(day), *rest) for facility, day, *rest in found) == Counter(
        (
            *(row["ccn"], row["survey_date"], row["ftag"], row["scope_severity"], row["description"]),
            date.fromisoformat(row["correction_date"])
            if row["corrected"] == "True" and row["correction_date"]
            else None,
        )
        for row in rows
    )

    last = {ccn: max(day for other, day in visits if other == ccn) for ccn, _day in visits}
    standings = {known[standing.facility_id]: standing for standing in Standing.objects.all()}
    assert {ccn: str(standing.last_visit_on) for ccn, standing in standings.items()} == last
    for standing in standings.values():
        assert standing.next_due_on == add_months(standing.last_visit_on, 15)


@needs_data
def test_a_wrong_letter_in_the_real_file_is_refused_with_its_row_and_leaves_everything_as_it_was(homes, tmp_path):
    lines = DEFICIENCIES.read_text("utf-8").split("\n")
    lines[3_000] = lines[3_000].replace(",D,", ",Z,").replace(",E,", ",Z,").replace(",F,", ",Z,")
    (tmp_path / "d.csv").write_text("\n".join(lines), "utf-8")
    before = checksums()
    job = run(tmp_path / "d.csv", imports.KINDS["visits"].stored_mapping("us_cms_deficiencies"))
    assert (job.state, errors(job)) == (ImportState.REFUSED, [(3_001, "scope_severity", "unknown_value")])
    assert checksums() == before and not Ruleset.objects.filter(code="cms-15-months").exists()


# --- what a row may say


def test_rows_of_one_day_are_one_visit_with_its_score_band_and_due_day(facility, file):
    job = run(file({"clause": "1.1"}, {"clause": "1.2", "severity": "4", "corrected": "2/3/2024"}))
    assert (job.state, *counts(job)) == (ImportState.LOADED, 2, 2, 0, 0, 0)
    visit = Visit.objects.get()
    assert (str(visit.score), visit.band, visit.next_due_on) == ("80.00", "fully_compliant", date(2026, 3, 1))
    assert (visit.source, visit.source_key) == ("old-books", "A | 2024-03-01")
    assert [finding.grid for finding in visit.findings.order_by("clause")] == ["D", "J"]
    assert facility.standing.visit == visit


def test_an_earlier_visit_does_not_move_the_standing_and_a_later_one_does(facility, file):
    standing = an_approved_visit(facility, visited_on=date(2024, 6, 1), next_due_on=date(2025, 6, 1))
    run(file({}))
    assert Standing.objects.get().visit == standing
    run(file({"day": "2/6/2024", "score": "50"}))
    assert Standing.objects.get().band == "partially_compliant"


def test_only_a_completed_visit_moves_the_standing(facility, file):
    run(file({"outcome": "refused"}))
    assert Visit.objects.get().outcome == VisitOutcome.REFUSED
    assert not Standing.objects.exists()


def test_a_corrected_file_corrects_its_own_visits_and_findings(facility, file):
    run(file({"clause": "1"}, {"clause": "2"}))
    job = run(file({"clause": "1", "score": "30"}, {"clause": "2", "score": "30", "corrected": "5/3/2024"}))
    assert (job.state, *counts(job)) == (ImportState.LOADED, 2, 0, 2, 0, 0)
    assert (Visit.objects.count(), Finding.objects.filter(corrected_on=date(2024, 3, 5)).count()) == (1, 1)
    assert Standing.objects.get().band == "minimally_compliant"


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"code": "B"}, ("code", "unknown_facility")),
        ({"code": ""}, ("code", "identifier_missing")),
        ({"day": ""}, ("day", "empty")),
        ({"day": "tomorrow"}, ("day", "not_a_date")),
        ({"day": str(NOW.date() + timedelta(days=2))}, ("day", "in_the_future")),
        ({"outcome": "lunch"}, ("outcome", "unknown_value")),
        ({"score": "101"}, ("score", "out_of_range")),
        ({"score": "50"}, ("code", "rows_disagree")),
        ({"clause": ""}, ("clause", "empty")),
        ({"clause": "1.1"}, ("clause", "row_twice")),
        ({"severity": "5"}, ("severity", "unknown_value")),
    ],
)
def test_a_row_that_cannot_be_loaded_is_told_with_its_column_and_nothing_is(facility, file, changed, error):
    before = checksums()
    job = run(file({}, changed))
    assert (job.state, {(column, code) for _row, column, code in errors(job)}) == (ImportState.REFUSED, {error})
    assert {row for row, _column, _code in errors(job)} == {3}
    assert checksums() == before


def test_a_provincial_manager_imports_visits_of_the_own_province_only(facility, file):
    elsewhere = a_facility(province=another_province())
    FacilityIdentifier.objects.create(facility=elsewhere, system="test", value="B")
    job = run(file({}, {"code": "B"}), by=a_user(Role.PROVINCIAL_MANAGER), accept_valid=True)
    assert errors(job) == [(3, "code", "unknown_facility")] and Visit.objects.get().facility == facility


# --- the ruleset


DESCRIBED = 'code = "x"\nvalid_from = 2000-01-01\nhard_maximum_months = 15'


def test_a_described_ruleset_is_kept_for_the_record_and_never_in_force(facility, file):
    run(file({}), MAPPING.replace('code = "test"', DESCRIBED).replace('score = "score"\n', ""))
    assert Visit.objects.get().next_due_on == date(2025, 6, 1)
    assert not Ruleset.objects.in_force(date(2024, 3, 1)).filter(code="x").exists()


@pytest.mark.parametrize(
    ("ruleset", "sentence"),
    [
        ('code = "none"', "“ruleset.code”: there is no ruleset “none”."),
        ('code = "test"\nvalid_from = 2000-01-01\nhard_maximum_months = 15', "“ruleset.hard_maximum_months” is 15"),
        (DESCRIBED, "Scores need a ruleset with bands"),
    ],
)
def test_a_mapping_does_not_change_or_invent_the_rules(facility, file, ruleset, sentence):
    with pytest.raises(MappingRefused) as refusal:
        run(file({}), MAPPING.replace('code = "test"', ruleset))
    assert refusal.value.sentence.startswith(sentence)


def test_only_an_administrator_brings_a_ruleset_along(facility, file):
    mapping = MAPPING.replace('code = "test"', DESCRIBED).replace('score = "score"\n', "")
    with pytest.raises(NotPermitted):
        run(file({}), mapping, by=a_user(Role.LICENSING_OFFICER))
    assert run(file({}), mapping, by=a_user(Role.ADMINISTRATOR)).state == ImportState.LOADED


def test_the_published_rulesets_can_be_named(facility, file):
    catalogue.load(by=None, at=NOW)
    rulebook.load(by=None, at=NOW)
    run(file({}), MAPPING.replace('code = "test"', 'code = "jhic"'))
    assert Visit.objects.get().band == "fully_compliant"
