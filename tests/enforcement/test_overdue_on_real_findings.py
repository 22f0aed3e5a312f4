"""The sweep on 6,432 real findings, beside a computation straight from the file."""

import csv
import json
from datetime import date, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from enforcement import sweeps
from enforcement.models import Flag
from inspections.actions import rulebook
from registry.actions import catalogue
from registry.core.dates import add_months
from registry.models import FacilityIdentifier
from tests import factories

HOUSE = Path(__file__).resolve().parents[2]
DATA = HOUSE.parent / "shared" / "data" / "inspections"
HOMES, DEFICIENCIES = DATA / "us_cms_nursing_homes_6states.csv", DATA / "us_cms_deficiencies_6states.csv"

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not DATA.is_dir(), reason="the real files are not beside this repository"),
]


def overdue_by_the_file(as_of: date) -> set[str]:
    """Homes whose last survey up to that day is more than 15 months old: the file alone is asked."""
    last: dict[str, date] = {}
    with DEFICIENCIES.open(newline="") as lines:
        for row in csv.DictReader(lines):
            day = date.fromisoformat(row["survey_date"])
            if day <= as_of:
                last[row["ccn"]] = max(day, last.get(row["ccn"], day))
    return {ccn for ccn, day in last.items() if add_months(day, 15) < as_of}


@pytest.fixture
def imported():
    catalogue.load(by=None, at=factories.NOW)
    rulebook.load(by=None, at=factories.NOW)
    for command, path, mapping in (
        ("import_facilities", HOMES, "registry/data/mappings/us_cms_nursing_homes.toml"),
        ("import_visits", DEFICIENCIES, "inspections/data/visit_mappings/us_cms_deficiencies.toml"),
    ):
        call_command(command, str(path), mapping=str(HOUSE / mapping), format="json", stdout=StringIO())
    return dict(FacilityIdentifier.objects.values_list("facility__number", "value"))


def test_the_sweep_flags_exactly_the_homes_that_the_file_says_are_overdue(imported):
    said = StringIO()
    call_command("sweep", as_of="2025-12-15", format="json", stdout=said)
    flagged = Flag.objects.open().filter(rule="inspection_overdue").values_list("facility__number", flat=True)
    expected = overdue_by_the_file(date(2025, 12, 15))
    assert {imported[number] for number in flagged} == expected
    summary = json.loads(said.getvalue())
    assert summary["as_of"] == "2025-12-15"
    assert summary["rules"]["inspection_overdue"] == {
        "raised": len(expected), "cleared": 0, "escalated": 0, "open": len(expected),
    }  # fmt: skip


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(offset=st.integers(0, (date(2027, 12, 31) - date(2019, 1, 1)).days))
def test_and_as_of_any_other_day_too(imported, offset):
    as_of = date(2019, 1, 1) + timedelta(days=offset)
    flagged = sweeps.would_flag(as_of=as_of, rules=["inspection_overdue"])
    assert {imported[flag.facility_number] for flag in flagged} == overdue_by_the_file(as_of)
    if as_of <= factories.TODAY:
        sweeps.sweep(as_of=as_of, started_by="test")
        numbers = Flag.objects.open().filter(rule="inspection_overdue").values_list("facility__number", flat=True)
        assert {imported[number] for number in numbers} == overdue_by_the_file(as_of)
