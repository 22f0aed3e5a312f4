"""What an application proposes, as facts about a facility."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from registry.actions import facilities
from registry.areas.models import Area
from registry.core.errors import Refused
from registry.models import Facility, FacilityType


def carried(facility: Facility) -> dict[str, Any]:
    """What a site still is after it went to another operator."""
    gone = ("operator", "opened_on", "predecessor")
    return {name: getattr(facility, name) for name in facilities.FACTS if name not in gone}


def _area(code: str) -> Area:
    area: Area | None = Area.objects.filter(code=code, valid_to=None).order_by("-pk").first()
    if area is None:
        raise Refused(_("There is no place with the code %(code)s.") % {"code": code}, code="unknown_area")
    return area


READ: Mapping[str, tuple[str, Callable[[str], Any]]] = {
    **{name: (name, str) for name in ("name_km", "name_en", "ownership", "address", "phone", "email", "opening_hours")},
    "facility_type": ("type", lambda code: FacilityType.objects.get(code=code)),
    "area": ("area", _area),
    "latitude": ("latitude", Decimal),
    "longitude": ("longitude", Decimal),
    "beds": ("beds", int),
}
"""For each field of a proposal the fact, and what makes it of the text."""


def proposed(proposal: Mapping[str, str]) -> dict[str, Any]:
    """Raises Refused where the place is no longer on the map."""
    found = {}
    for name, text in proposal.items():
        if name in READ:
            fact, read = READ[name]
            found[fact] = read(text)
    return found
