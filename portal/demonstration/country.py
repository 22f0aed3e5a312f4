"""Where facilities are and what they are called: provinces, communes, points, kinds and names."""

import tomllib
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import product
from math import cos, radians, sqrt, tau
from pathlib import Path
from typing import Any

from portal.demonstration.chance import Chance
from registry.areas.models import Area
from registry.areas.states import AreaLevel
from registry.models import FacilityType

DATA = Path(__file__).resolve().parent / "data"
CAPITAL = "12"
KM_PER_DEGREE = 111.3


@dataclass(frozen=True)
class Kind:
    """A type of facilities, how many of them the country has, and what they are like."""

    type: FacilityType
    sites: int
    services: list[str]
    perhaps: list[str] = field(default_factory=list)
    beds: tuple[int, int] = (0, 1)
    public: bool = False
    organisation: bool = False
    in_the_capital: bool = False


@dataclass(frozen=True)
class Province:
    """A province, how many people live there, and a circle that lies within it."""

    area: Area
    communes: list[Area]
    population: int
    latitude: float
    longitude: float
    reach_km: float

    def point(self, chance: Chance) -> tuple[Decimal, Decimal]:
        """Latitude and longitude of a place somewhere in the circle."""
        distance, angle = self.reach_km * sqrt(chance.random()), tau * chance.random()
        north, east = distance * cos(angle), distance * cos(angle - tau / 4)
        latitude = self.latitude + north / KM_PER_DEGREE
        longitude = self.longitude + east / (KM_PER_DEGREE * cos(radians(self.latitude)))
        return Decimal(f"{latitude:.6f}"), Decimal(f"{longitude:.6f}")


Name = tuple[str, str]
"""In Khmer and in Latin letters."""


def read(name: str) -> dict[str, Any]:
    return tomllib.loads((DATA / f"{name}.toml").read_text(encoding="utf-8"))


def kinds() -> list[Kind]:
    types = {type.code: type for type in FacilityType.objects.all()}
    known = read("kinds")["kind"].items()
    return [
        Kind(types[code], **facts | {"beds": tuple(facts.get("beds", (0, 1)))})
        for code, facts in known
        if code in types
    ]


def provinces() -> dict[str, Province]:
    """The provinces by code, each with its communes, in the order of their codes."""
    communes: dict[int, list[Area]] = {}
    for commune in Area.objects.filter(level=AreaLevel.COMMUNE, valid_to=None).order_by("code"):
        communes.setdefault(commune.province_id, []).append(commune)
    facts = read("provinces")["province"]
    return {
        area.code: Province(area, communes[area.pk], **facts[area.code])
        for area in Area.objects.provinces().filter(valid_to=None).order_by("code")
        if area.pk in communes and area.code in facts
    }


def names(chance: Chance) -> list[Name]:
    """All the names that can be made, in any order."""
    found = read("names")
    made = [(f"{km}{km_too}", f"{en} {en_too}") for (km, en), (km_too, en_too) in product(*found.values())]
    chance.shuffle(made)
    return made
