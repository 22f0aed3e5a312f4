"""Facilities from files: real ones, broken ones, and what comes of them in the register."""

import csv
import json
import threading
import tracemalloc
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import translation
from django.utils.module_loading import import_string

from registry import reports
from registry.accounts.states import Role
from registry.actions import catalogue, imports
from registry.actions.imports import facility_sql
from registry.actions.imports.facilities import FacilityLoad
from registry.audit.models import AuditEvent
from registry.core.errors import NotPermitted, Refused
from registry.core.mappings import MappingRefused
from registry.models import Facility, FacilityIdentifier, ImportJob, OperationalStatusChange
from registry.states import ImportState, OperationalStatus
from tests.factories import NOW, a_facility, a_province, a_user, another_province

pytestmark = pytest.mark.django_db
DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="the real files are not beside this repository")
KENYA = DATA / "facilities" / "who_ssa_kenya.csv"
HOSPITALS = DATA / "facilities" / "us_cms_hospital_general_information.csv"
HOMES = DATA / "inspections" / "us_cms_nursing_homes_6states.csv"
REAL = [
    pytest.param("who_ssa_kenya", KENYA, 6_146, id="Kenya"),
    pytest.param("us_cms_hospitals", HOSPITALS, 5_381, id="hospitals"),
    pytest.param("us_cms_nursing_homes", HOMES, 193, id="nursing homes"),
]
TABLES = (
    *("registry_facility", "registry_facilityevent", "registry_facilityidentifier", "registry_facilityidentifierevent"),
    *("registry_operationalstatuschange", "registry_facilityservice", "registry_facilityserviceevent"),
)

MAPPING = """
kind = "facilities"
[file]
empty = ["-"]
[identifier]
system = "test"
columns = ["code"]
width = 4
[fields]
name_km = "name_km"
name_en = "name"
type = { column = "type", values = { Clinic = "clinic", Post = "health_post" } }
ownership = { constant = "private" }
area = "area"
latitude = "lat"
longitude = "lon"
beds = "beds"
opened_on = "opened"
operational_status = "status"
[[services]]
column = "services"
"""
COLUMNS = ["code", "name_km", "name", "type", "area", "lat", "lon", "beds", "opened", "status", "services"]
ROW = dict(zip(COLUMNS, ["1", "", "Sokha", "Clinic", "12", "11.5", "104.9", "12", "", "", ""], strict=True))


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def kinds_of_places():
    catalogue.load(by=None, at=NOW)
    a_province()
    another_province()


@pytest.fixture
def file(tmp_path) -> Callable[..., Path]:
    """A file of rows, each given by what differs from ROW."""

    def write(*rows: dict[str, str]) -> Path:
        path = tmp_path / "facilities.csv"
        with path.open("w", newline="") as lines:
            writer = csv.DictWriter(lines, COLUMNS)
            writer.writeheader()
            writer.writerows({**ROW, "code": str(number)} | row for number, row in enumerate(rows, 1))
        return path

    return write


def run(path: Path, mapping: str = MAPPING, *, dry_run=False, accept_valid=False, by=None, at=NOW) -> ImportJob:
    job = imports.stage(
        file_name=path.name, file=None, mapping=mapping, dry_run=dry_run, accept_valid=accept_valid, by=by, at=at
    )
    imports.work(job=job, at=at, path=path)
    return job


def stored(mapping: str) -> str:
    return imports.KINDS["facilities"].stored_mapping(mapping)


def errors(job: ImportJob) -> list[tuple[int, str, str]]:
    return [(error["row"], error["column"], error["code"]) for error in reports.row_errors(job, most=100)]


def checksums() -> dict[str, str]:
    with connection.cursor() as cursor:
        found = {}
        for table in TABLES:
            cursor.execute(f"SELECT md5(string_agg(t::text, '' ORDER BY t::text)) FROM {table} t")
            found[table] = cursor.fetchone()[0]
    return found


def counts(job: ImportJob) -> tuple[int, ...]:
    return job.rows, job.created, job.updated, job.unchanged, job.refused


# --- real files


@needs_data
@pytest.mark.parametrize(("mapping", "path", "rows"), REAL)
def test_a_real_file_is_loaded_and_a_second_time_changes_nothing(mapping, path, rows):
    job = run(path, stored(mapping))
    assert (job.state, *counts(job)) == (ImportState.LOADED, rows, rows, 0, 0, 0)
    assert Facility.objects.count() == rows
    before = checksums()
    job = run(path, stored(mapping), at=NOW + timedelta(days=1))
    assert (job.state, *counts(job)) == (ImportState.LOADED, rows, 0, 0, rows, 0)
    assert checksums() == before


@needs_data
def test_what_the_real_files_say_is_in_the_register():
    run(HOSPITALS, stored("us_cms_hospitals"))
    hospital = Facility.objects.get(identifiers__system="us-cms-ccn", identifiers__value="010001")
    assert (hospital.name_en, hospital.phone) == ("SOUTHEAST HEALTH MEDICAL CENTER", "(334) 793-8701")
    assert hospital.address == "1108 ROSS CLARK CIRCLE, DOTHAN, HOUSTON, AL, 36301"
    assert (hospital.type.code, hospital.ownership, hospital.area) == ("private_hospital", "public", None)
    assert hospital.declared_services.get().service.code == "emergency_care"
    assert hospital.search_key == "southeast health medical center"


def mangled(source: Path, target: Path, *, row: int, column: str, text: str) -> Path:
    """A copy with one cell (or one name of a column) replaced; a surrogate stands for a byte that is no text."""
    with source.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    rows[row - 1][rows[0].index(column)] = text
    with target.open("w", encoding="utf-8", errors="surrogateescape", newline="") as file:
        csv.writer(file).writerows(rows)
    return target


BROKEN = [
    pytest.param("who_ssa_kenya", KENYA, 3_000, "Country", "K\udce9nya", "broken_text", id="bad encoding"),
    pytest.param("us_cms_nursing_homes", HOMES, 1, "lat", "latitude", "column_missing", id="missing column"),
    pytest.param("us_cms_hospitals", HOSPITALS, 4_000, "Facility ID", "10001", "identifier_twice", id="twice"),
    pytest.param("us_cms_nursing_homes", HOMES, 100, "beds", "many", "not_a_number", id="text in a number"),
    pytest.param("us_cms_hospitals", HOSPITALS, 2_500, "Hospital Type", "Spa", "unknown_value", id="wrong code"),
    pytest.param("us_cms_nursing_homes", HOMES, 50, "lat", "91.5", "out_of_range", id="latitude out of range"),
]


@needs_data
@pytest.mark.parametrize(("mapping", "path", "row", "column", "text", "code"), BROKEN)
def test_a_broken_copy_is_refused_with_its_row_and_column_and_nothing_is_loaded(
    tmp_path, mapping, path, row, column, text, code
):
    a_facility()
    before = checksums()
    copy = mangled(path, tmp_path / path.name, row=row, column=column, text=text)
    job = run(copy, stored(mapping))
    assert job.state == ImportState.REFUSED
    assert errors(job) == [(row, column, code)]
    assert counts(job)[1:4] == (0, 0, 0)
    assert checksums() == before


# --- what a row may say


def test_every_fault_of_a_row_is_told_with_its_column(file):
    job = run(
        file({"type": "Palace", "area": "99", "lat": "north", "beds": "-1", "opened": "31/2/2020", "status": "gone"})
    )
    assert errors(job) == [
        (2, "type", "unknown_value"),
        (2, "area", "unknown_area"),
        (2, "lat", "not_a_number"),
        (2, "beds", "not_a_number"),
        (2, "opened", "not_a_date"),
        (2, "status", "unknown_operational_status"),
    ]
    sentence = reports.row_errors(job, most=1)[0]["sentence"]
    assert sentence == "“Palace” is not among the values that the mapping knows."


def test_text_typed_in_the_limon_font_is_refused_by_name(file):
    job = run(file({"name_km": "mnÞIrBeTü"}, {"name_km": "Clinic"}, {"name_km": "គ្លីនិកសុខា"}))
    assert errors(job) == [(2, "name_km", "limon"), (3, "name_km", "not_khmer")]
    assert "Limon" in reports.row_errors(job, most=1)[0]["sentence"]


def test_khmer_digits_and_codes_that_lost_their_zeros_are_understood(file):
    job = run(file({"code": "៧", "area": "1", "beds": "១២", "opened": "៨ មីនា ២០២៣", "lat": "១១,៥", "lon": "104.9"}))
    assert job.state == ImportState.LOADED, errors(job)
    facility = Facility.objects.get()
    assert (facility.area.code, facility.province.code, facility.beds) == ("01", "01", 12)
    assert (facility.opened_on, str(facility.latitude)) == (date(2023, 3, 8), "11.500000")
    assert facility.identifiers.get().value == "0007"


def test_areas_are_found_by_their_names(file):
    mapping = MAPPING.replace('area = "area"', 'area = { columns = ["area"], by = "name" }')
    job = run(
        file({"area": "ខេត្តបន្ទាយមានជ័យ"}, {"area": "banteay  meanchey"}, {"area": "Atlantis"}),
        mapping,
        accept_valid=True,
    )
    assert errors(job) == [(4, "area", "unknown_area")]
    assert {facility.area.code for facility in Facility.objects.all()} == {"01"}


@pytest.mark.parametrize("half", [{"lat": ""}, {"lon": "-"}])
def test_half_a_point_is_refused(file, half):
    assert errors(run(file(half))) == [(2, next(iter(half)), "half_a_point")]


def test_a_row_with_other_cells_than_the_header_is_refused(tmp_path, file):
    path = file({}, {})
    lines = path.read_text().splitlines()
    path.write_text("\n".join([lines[0], lines[1].rsplit(",", 2)[0], lines[2] + ",more"]))
    assert errors(run(path)) == [(2, "", "cells_do_not_fit"), (3, "", "cells_do_not_fit")]


def test_a_new_facility_needs_a_name_and_a_type(file):
    assert errors(run(file({"name": ""}, {"type": ""}))) == [(2, "name", "no_name"), (3, "type", "no_type")]


# --- what the register already knows


def test_a_changed_row_changes_its_facility_and_leaves_what_the_file_leaves_empty(file):
    run(file({}, {"name": "Calmette"}))
    later = NOW + timedelta(days=30)
    job = run(file({"beds": "15", "lat": "", "lon": "", "area": ""}, {"name": "Calmette"}), at=later)
    assert counts(job) == (2, 0, 1, 1, 0)
    changed, same = Facility.objects.order_by("id")
    assert (changed.beds, str(changed.latitude), changed.area.code) == (15, "11.500000", "12")
    assert (changed.revision, changed.changed_at) == (2, later)
    assert (same.revision, same.changed_at) == (1, NOW)


def test_a_facility_keeps_its_khmer_name_in_its_keys_when_the_file_has_only_the_latin_one(file):
    run(file({"name_km": "សុខា"}))
    run(file({"name": "Sokha Clinic"}))
    facility = Facility.objects.get()
    assert facility.search_key == "សុខា sokha clinic"


def test_a_status_is_changed_with_its_day_and_reason_and_only_along_the_life_cycle(file):
    run(file({}, {"status": "suspected_unlicensed"}))
    later = NOW + timedelta(days=1)
    job = run(file({"status": "closed"}, {"status": "temporarily_closed"}), at=later, accept_valid=True)
    assert errors(job) == [(3, "status", "status_not_reachable")]
    closed = Facility.objects.order_by("id")[0]
    assert closed.operational_status == OperationalStatus.CLOSED
    first, second = OperationalStatusChange.objects.filter(facility=closed).order_by("id")
    assert (first.effective_on, second.effective_on) == (None, date(2026, 11, 23))
    assert second.reason == "Import of facilities.csv"


def test_a_constant_status_does_not_reopen_what_the_register_closed(file):
    mapping = MAPPING.replace('operational_status = "status"', 'operational_status = { constant = "operating" }')
    run(file({}), mapping)
    Facility.objects.update(operational_status=OperationalStatus.CLOSED)
    assert counts(run(file({}), mapping)) == (1, 0, 0, 1, 0)


def test_declared_services_follow_the_file(file):
    def declared():
        open_ = Facility.objects.get().declared_services.filter(withdrawn_on=None)
        return set(open_.values_list("service__code", flat=True))

    run(file({"services": "surgery; Delivery"}))
    assert declared() == {"surgery", "delivery"}
    assert run(file({"services": "delivery;surgery"})).unchanged == 1
    assert run(file({"services": ""})).unchanged == 1
    assert run(file({"services": "delivery;dialysis"})).updated == 1
    assert declared() == {"delivery", "dialysis"}
    assert errors(run(file({"services": "magic"}))) == [(2, "services", "unknown_service")]


# --- duplicates


def test_rows_that_may_be_in_the_register_already_are_listed_and_loaded(file):
    known = a_facility(name_en="Sokha Clinic", latitude=11.5, longitude=104.9)
    job = run(
        file(
            {"name": "SOKHA  clinic", "lat": "", "lon": ""},
            {"name": "Sokha Clinik", "lat": "11.5009", "lon": "104.9"},
            {"name": "Sokha Clinik", "lat": "11.52", "lon": "104.9", "area": "01"},
            {"name": "Another", "lat": "11.5", "lon": "104.9"},
            {"name": "sokha clinic", "area": "12", "lat": "", "lon": ""},
        )
    )
    assert (job.state, job.created, job.duplicates) == (ImportState.LOADED, 5, 3)
    found = {row.row_number: row.duplicates for row in job.noted_rows.all()}
    label = {"number": known.number, "label": "Sokha Clinic"}
    assert found == {2: [label], 3: [label], 6: [label]}


def test_rows_of_one_file_that_may_be_the_same_are_listed(file):
    job = run(file({"name": "Sokha"}, {"name": "Sokha", "lat": "", "lon": ""}, {"name": "Other", "lat": "12"}))
    assert [(row.row_number, row.duplicates) for row in job.noted_rows.all()] == [(3, [{"row": 2, "label": "Sokha"}])]


# --- all or nothing, or the good ones


def test_the_good_rows_are_loaded_where_that_is_asked_and_the_rest_handed_back(file, tmp_path):
    path = file({"name": "=cmd|' /C calc'!A0", "type": "?"}, {}, {"beds": "many", "lat": "-11.5"})
    job = run(path, accept_valid=True)
    assert (job.state, *counts(job)) == (ImportState.LOADED, 3, 1, 0, 0, 2)
    headings, rows = reports.error_file(job)
    assert headings == ["Row", "What is wrong", *COLUMNS]
    first, second = rows
    assert first[:2] == [2, "type: “?” is not among the values that the mapping knows."]
    assert second[:2] == [4, "beds: “many” is not a whole number."]


def test_the_error_file_can_be_corrected_and_imported_as_it_is_and_no_cell_is_a_formula(file, tmp_path, capsys):
    path, mapping, out = file({"name": "=1+1", "lat": "-1.5", "beds": "?"}), tmp_path / "m.toml", tmp_path / "out.csv"
    mapping.write_text(MAPPING)
    with pytest.raises(SystemExit):
        call_command("import_facilities", str(path), mapping=str(mapping), errors=out)
    written = out.read_text("utf-8-sig")
    assert "'=1+1" in written and "'-1.5" in written
    out.write_text(written.replace("?", "8"), "utf-8-sig")
    assert run(out).state == ImportState.LOADED
    facility = Facility.objects.get()
    assert (facility.name_en, str(facility.latitude)) == ("=1+1", "-1.500000")


def test_a_check_counts_what_would_happen_and_loads_nothing(file):
    run(file({}))
    before = checksums()
    job = run(file({"beds": "13"}, {"name": "New"}), dry_run=True)
    assert (job.state, *counts(job)) == (ImportState.CHECKED, 2, 1, 1, 0, 0)
    assert checksums() == before


# --- who


def test_a_provincial_manager_imports_rows_of_the_own_province_only(file):
    elsewhere = a_facility(province=another_province())
    FacilityIdentifier.objects.create(facility=elsewhere, system="test", value="0003")
    job = run(
        file({}, {"area": "01"}, {"area": ""}, {"area": "", "name": "Nowhere"}),
        by=a_user(Role.PROVINCIAL_MANAGER),
        accept_valid=True,
    )
    assert errors(job) == [(row, "area", "another_province") for row in (3, 4, 5)]
    assert job.created == 1


@pytest.mark.parametrize("role", [Role.INSPECTOR, Role.APPROVER, Role.ENFORCEMENT_OFFICER, Role.AUDITOR])
def test_others_do_not_import(file, role):
    with pytest.raises(NotPermitted):
        run(file({}), by=a_user(role))


def test_one_audit_event_tells_what_was_loaded(file):
    officer = a_user(Role.LICENSING_OFFICER)
    job = run(file({}, {"name": "B"}), by=officer)
    event = AuditEvent.objects.get(verb="import.loaded")
    assert (event.subject_number, event.by_username) == (str(job.pk), officer.username)
    assert event.facts == {"rows": 2, "created": 2, "updated": 0, "unchanged": 0, "refused": 0, "duplicates": 0}


# --- again, at once, killed


def test_a_finished_job_is_not_worked_again(file):
    path = file({})
    job = run(path)
    before = checksums()
    imports.work(job=job, at=NOW + timedelta(days=1), path=path)
    assert checksums() == before and job.finished_at == NOW


@pytest.mark.parametrize(
    "step", ["registry.actions.imports.jobs._read", f"{FacilityLoad.__module__}.FacilityLoad.load"]
)
def test_a_job_that_was_killed_half_way_is_worked_from_the_beginning(file, monkeypatch, step):
    path = file({}, {"beds": "?"}, {"name": "C"})
    original = import_string(step) if step.endswith("_read") else FacilityLoad.load

    def killed(*arguments: Any) -> None:
        original(*arguments)
        raise KeyboardInterrupt

    job = imports.stage(
        file_name="f.csv", file=None, mapping=MAPPING, dry_run=False, accept_valid=True, by=None, at=NOW
    )
    with monkeypatch.context() as patch:
        patch.setattr(step, killed)
        with pytest.raises(KeyboardInterrupt):
            imports.work(job=job, at=NOW, path=path)
    job.refresh_from_db()
    assert (job.state, Facility.objects.count()) == (ImportState.READING, 0)
    imports.work(job=job, at=NOW, path=path)
    assert counts(job) == (3, 2, 0, 0, 1)
    assert job.noted_rows.count() == 1 and Facility.objects.count() == 2


def test_a_fault_of_the_register_during_the_load_leaves_nothing_behind(file, monkeypatch, caplog):
    before = checksums()
    monkeypatch.setattr("registry.actions.imports.facility_sql.LOAD", (*facility_sql.LOAD, "SELECT 1 / 0"))
    job = run(file({}))
    assert job.state == ImportState.REFUSED and "Nothing was loaded" in job.failure
    assert checksums() == before and not AuditEvent.objects.filter(verb="import.loaded").exists()


@pytest.mark.django_db(transaction=True)
def test_two_workers_load_a_job_once(file):
    path = file(*[{"name": f"Clinic {number}"} for number in range(50)])
    job = imports.stage(
        file_name="f.csv", file=None, mapping=MAPPING, dry_run=False, accept_valid=False, by=None, at=NOW
    )

    def worker() -> None:
        try:
            imports.work(job=ImportJob.objects.get(pk=job.pk), at=NOW, path=path)
        finally:
            connection.close()

    workers = [threading.Thread(target=worker) for _ in range(2)]
    for thread in workers:
        thread.start()
    for thread in workers:
        thread.join()
    job.refresh_from_db()
    assert (job.state, job.created, Facility.objects.count()) == (ImportState.LOADED, 50, 50)


def test_a_job_takes_hardly_more_memory_for_three_times_the_rows(file):
    peaks = []
    for rows in (1_500, 4_500):
        path = file(*[{"name": f"Clinic {number}", "lat": "", "lon": ""} for number in range(rows)])
        tracemalloc.start()
        job = run(path, dry_run=True)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert job.created == rows
    assert peaks[1] - peaks[0] < 500_000


# --- the command


def test_the_command_answers_in_json_and_with_its_exit_code(file, tmp_path, capsys):
    mapping = tmp_path / "mapping.toml"
    mapping.write_text(MAPPING)
    call_command("import_facilities", str(file({})), mapping=str(mapping), format="json")
    summary = json.loads(capsys.readouterr().out)
    assert {name: summary[name] for name in ("rows", "created", "updated", "unchanged", "refused", "duplicates")} == {
        "rows": 1, "created": 1, "updated": 0, "unchanged": 0, "refused": 0, "duplicates": 0,
    }  # fmt: skip
    with pytest.raises(SystemExit) as exit_:
        call_command("import_facilities", str(file({"beds": "?"})), mapping=str(mapping), format="json")
    assert exit_.value.code == 1
    assert json.loads(capsys.readouterr().out)["errors"] == [
        {"row": 2, "column": "beds", "code": "not_a_number", "sentence": "“?” is not a whole number."}
    ]


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"file": "nowhere.csv"}, "There is no file nowhere.csv."),
        ({"mapping": "nothing"}, "There is no mapping nothing."),
        ({"by": "nobody"}, "There is no active person nobody."),
    ],
)
def test_the_command_says_what_is_missing(file, given, sentence):
    options = {"file": str(file({})), "mapping": "who_ssa_kenya"} | given
    with pytest.raises(CommandError, match=sentence):
        call_command("import_facilities", options.pop("file"), **options)


# --- the mapping


@pytest.mark.parametrize(
    ("was", "now", "sentence"),
    [
        ("", "[", "The mapping is not valid TOML"),
        ('kind = "facilities"', "", "The mapping lacks “kind”."),
        ('kind = "facilities"', 'kind = "cakes"', "“kind” must be one of: facilities, practitioners, visits."),
        ("[file]", "[flie]", "“flie” is not a key that a mapping may have here."),
        ("[file]", '[file]\nencoding = "klingon"', "“file.encoding” must be the name of an encoding."),
        ("width = 4", 'width = "4"', "“identifier.width” must be a whole number."),
        ('system = "test"', "", "The mapping lacks “identifier.system”."),
        ('beds = "beds"', 'bedz = "beds"', "“fields.bedz” is not a key that a mapping may have here."),
        ('beds = "beds"', "beds = {}", "“fields.beds” needs either a column, a list of columns or a constant."),
        ('beds = "beds"', "beds = 4", "“fields.beds” must be a table."),
        ('"clinic"', '"palace"', "“fields.type”: there is no “palace”."),
        ('"private"', '"mine"', "“fields.ownership”: there is no “mine”."),
        ('column = "services"', 'column = "services"\nservice = "magic"', "“services[1].column.values” must say"),
    ],
)
def test_a_mapping_that_cannot_be_used_is_refused_with_the_key(file, was, now, sentence):
    text = MAPPING.replace(was, now, 1) if was else MAPPING + now
    with pytest.raises(MappingRefused) as refusal:
        run(file({}), text)
    assert refusal.value.sentence.startswith(sentence)


def test_every_stored_mapping_can_be_used():
    for kind in imports.KINDS.values():
        for stem in kind.stored_mappings():
            imports.stage(
                file_name="f", file=None, mapping=kind.stored_mapping(stem), dry_run=True, accept_valid=False,
                by=None, at=NOW,
            )  # fmt: skip


def test_only_what_was_checked_and_is_still_here_is_loaded_later(file):
    with pytest.raises(Refused):
        imports.load_checked(job=run(file({})), accept_valid=False, by=a_user(Role.ADMINISTRATOR), at=NOW)
