import csv
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from registry.areas.actions import gazetteer
from registry.areas.actions.gazetteer import REPAIRED, SOURCE, Place
from registry.areas.models import Area
from registry.areas.states import AreaLevel
from registry.audit.models import AuditEvent
from registry.core.errors import Refused
from registry.core.khmer import search_key
from tests.factories import NOW, a_province

FILES = Path(__file__).parents[3] / "shared" / "data" / "gazetteer"
FOR_TESTS = pytest.mark.skipif(not FILES.is_dir(), reason=f"no other gazetteer to compare with in {FILES}")


def rows(name: str) -> list[dict[str, str]]:
    with (FILES / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def places() -> dict[str, Place]:
    return {place.code: place for place in gazetteer.places()}


def test_every_place_has_a_parent_and_a_code_of_its_own(places):
    listed = gazetteer.places()
    assert len(listed) == len(places)
    assert Counter(place.level for place in listed) == {
        "province": 25,
        "district": 210,
        "commune": 1654,
        "village": 14576,
    }
    assert all(place.parent_code in places for place in listed if place.level != AreaLevel.PROVINCE)
    assert all(len(place.code) == gazetteer.PREFIX[place.level] and place.code.isdecimal() for place in listed)
    assert all(place.name_km and place.name_en for place in listed)
    assert all(
        before.code[:-2] <= after.code or len(before.code) <= len(after.code) for before, after in pairwise(listed)
    )


def test_no_invisible_character_is_left_in_a_name(places):
    assert [place for place in places.values() if "\u200b" in place.name_km + place.name_en] == []
    assert places["14020714"].name_km == "ប្រឹក្សាទី២"


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("12", ("រាជធានី", "Capital")),
        ("10", ("ខេត្ត", "Province")),
        ("1209", ("ខណ្ឌ", "Section")),
        ("1002", ("ក្រុង", "Municipality")),
        ("1001", ("ស្រុក", "District")),
        ("120914", ("សង្កាត់", "Quarter")),
        ("100207", ("សង្កាត់", "Quarter")),
        ("100101", ("ឃុំ", "Commune")),
        ("01020101", ("ភូមិ", "Village")),
    ],
)
def test_every_place_knows_its_kind_of_unit(places, code, kind):
    assert places[code].kind == kind


def test_villages_published_under_a_code_that_is_not_theirs_get_a_free_one_and_say_so(places):
    assert (places["08120101"].name_en, places["08120101"].source) == ("Kbal Kaoh", SOURCE)
    assert (places["08120110"].name_en, places["08120110"].source) == ("Thmei", REPAIRED)
    assert places["05061409"].name_en == "Sral"  # published as 0506140-
    assert places["04061401"].name_en == "Trapeang Anhchanh"  # published as 04061400
    assert places["14110902"].name_en == "Lva"  # published under the code of another commune
    assert places["12091201"].name_en == "Aksar"  # published under a commune that is not listed
    assert "120913" not in places
    assert sum(place.source == REPAIRED for place in places.values()) == 83


@FOR_TESTS
def test_the_differences_from_the_other_vintage_are_the_known_ones(places):
    """Codes may change hands between vintages: what differs must be what the list of differences says."""
    known = {
        (row["level"], row["code"]) for row in rows("ncdd_vs_mef2025_differences") if row["status"] != "latin_differs"
    }
    others = [("province", row) for row in rows("ncdd_provinces")]
    others += [("district", row) for row in rows("ncdd_districts")] + [
        ("commune", row) for row in rows("ncdd_communes")
    ]
    codes = {row["code"] for _level, row in others}
    differing = {
        (level, row["code"])
        for level, row in others
        if row["code"] not in places or places[row["code"]].name_km != " ".join(row["name_km"].split())
    }
    only_here = {
        (str(place.level), code)
        for code, place in places.items()
        if place.level != AreaLevel.VILLAGE and code not in codes
    }
    slips = {("commune", code) for code in gazetteer.REAL_COMMUNE}
    assert differing | only_here == known - slips
    assert {("district", code) for code in ("1210", "1211", "1212")} <= differing


@FOR_TESTS
def test_kinds_of_units_agree_with_the_other_vintage_wherever_it_means_the_same_place(places):
    same = [
        (places[row["code"]].kind[0], row["unit_km"])
        for row in rows("ncdd_provinces") + rows("ncdd_districts") + rows("ncdd_communes")
        if row["code"] in places and search_key(places[row["code"]].name_km) == search_key(row["name_km"])
    ]
    assert len(same) > 1800
    assert all(ours == theirs for ours, theirs in same)


@FOR_TESTS
def test_repaired_codes_are_those_of_the_other_vintage_where_its_commune_is_the_same(places):
    theirs = {row["code"]: search_key(row["name_km"]) for row in rows("ncdd_villages")}
    repaired = [
        place for place in places.values() if place.source == REPAIRED and place.code[:6] in {"081201", "040614"}
    ]
    assert len(repaired) == 10
    assert all(theirs[place.code] == search_key(place.name_km) for place in repaired)


@pytest.mark.django_db
def test_loading_twice_changes_nothing_the_second_time(capsys):
    call_command("load_gazetteer")
    before = list(Area.objects.order_by("id").values())
    assert "16465 created, 0 changed, 0 unchanged" in capsys.readouterr().out

    call_command("load_gazetteer")
    assert "0 created, 0 changed, 16465 unchanged" in capsys.readouterr().out
    assert list(Area.objects.order_by("id").values()) == before
    assert AuditEvent.objects.filter(verb="gazetteer.loaded").count() == 1

    kratie = Area.objects.get(code="10")
    assert (kratie.name_en, kratie.province, kratie.parent) == ("Kratie", kratie, None)
    assert Area.objects.filter(code="10020701", parent__parent__parent=kratie, province=kratie).exists()
    assert not Area.objects.exclude(level="province").filter(parent=None).exists()


def some_places(**names: str) -> list[Place]:
    return [
        Place("01", AreaLevel.PROVINCE, "បន្ទាយមានជ័យ", names.get("province", "Banteay Meanchey")),
        Place("0102", AreaLevel.DISTRICT, "មង្គលបូរី", names.get("district", "Mangkul Bourei")),
    ]


@pytest.mark.django_db
def test_a_corrected_name_changes_that_area_alone_and_keeps_its_key():
    assert gazetteer.load(by=None, at=NOW, found=some_places()) == {"created": 2, "changed": 0, "unchanged": 0}
    keys = dict(Area.objects.values_list("code", "id"))
    counts = gazetteer.load(by=None, at=NOW, found=some_places(district="Mongkol Borey"))
    assert counts == {"created": 0, "changed": 1, "unchanged": 1}
    assert dict(Area.objects.values_list("code", "id")) == keys
    assert Area.objects.get(code="0102").search_key == search_key("មង្គលបូរី Mongkol Borey")


@pytest.mark.django_db
def test_areas_of_another_vintage_are_not_replaced_by_their_codes():
    a_province("12")
    with pytest.raises(Refused) as refused:
        gazetteer.load(by=None, at=NOW, found=some_places())
    assert refused.value.code == "another_vintage"
    with pytest.raises(CommandError, match="another source"):
        call_command("load_gazetteer")
    assert Area.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("code = '1a'", "area_code_is_pairs_of_digits"),
        ("code = '1'", "area_code_is_pairs_of_digits"),
        ("code = '0102'", "one_area_in_force_per_code"),
        ("parent_id = id", "only_provinces_have_no_parent"),
    ],
)
def test_the_database_refuses_a_broken_area(change, constraint):
    gazetteer.load(by=None, at=NOW, found=some_places())
    assert_refused(f"UPDATE areas_area SET {change} WHERE code = '01'", constraint)


def assert_refused(statement: str, constraint: str, parameters: Any = None) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, parameters)
