"""One search over the register: facilities and licences by number or by name."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from licensing.models import Licence
from registry.core.khmer import search_key
from registry.core.numbers import is_facility_number, normalised
from registry.models import Facility

SHOWN = 20


@dataclass(frozen=True)
class Found:
    """At most 20 of each kind."""

    facilities: list[Facility]
    licences: list[Licence]


def facility_with_number(user: Any, text: str) -> Facility | None:
    """The facility that `user` sees with exactly this number, however it is typed."""
    if not is_facility_number(text):
        return None
    facilities: QuerySet[Facility] = Facility.objects.visible_to(user)
    return facilities.filter(number=normalised(text)).first()


def search(user: Any, text: str) -> Found:
    """What `user` sees that somebody means who types `text`: a name, a number here or in another system."""
    if not search_key(text):
        return Found([], [])
    facilities = Facility.objects.visible_to(user).matching(text).some(SHOWN)
    licences = Licence.objects.visible_to(user).filter(number__istartswith=" ".join(text.split()))
    return Found(
        facilities=list(facilities.select_related("type", "province").order_by("sort_key", "id")),
        licences=list(licences.select_related("facility", "type").order_by("number")[:SHOWN]),
    )
