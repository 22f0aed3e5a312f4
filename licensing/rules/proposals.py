"""What each kind of application asks for. Pure: names, texts and sentences, nothing is read or written."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from licensing.states import ApplicationKind

Proposal = Mapping[str, str]
"""{field: text}; an area and a type of facility by their codes, numbers in ASCII digits, no empty text."""

LABELS = {
    "name_km": _("Name in Khmer"),
    "name_en": _("Name in Latin letters"),
    "facility_type": _("Type of facility"),
    "ownership": _("Ownership"),
    "area": _("Place"),
    "address": _("Address"),
    "latitude": _("Latitude"),
    "longitude": _("Longitude"),
    "beds": _("Beds"),
    "phone": _("Telephone"),
    "email": _("E-mail"),
    "opening_hours": _("Opening hours"),
    "reason": _("Reason"),
}
"""Every field there is, in the order of the pages."""

PLACE = ("area", "address", "latitude", "longitude")
REACHED = ("phone", "email", "opening_hours")


@dataclass(frozen=True)
class Asked:
    """What one kind of application asks for; `needed` are those of `fields` that must not stay empty."""

    fields: tuple[str, ...] = ()
    needed: tuple[str, ...] = ()
    of_licence: bool = True
    """Whether it is about a licence that there is."""
    services: bool = False
    """Whether services with an authorisation of their own can be asked for."""


ASKED: Mapping[str, Asked] = {
    ApplicationKind.NEW: Asked(
        fields=("name_km", "name_en", "facility_type", "ownership", *PLACE, "beds", *REACHED),
        needed=("name_km", "facility_type", "ownership", "area", "address", "phone"),
        of_licence=False,
        services=True,
    ),
    ApplicationKind.RENEWAL: Asked(services=True),
    ApplicationKind.VARIATION: Asked(fields=("name_km", "name_en", "beds", *REACHED)),
    ApplicationKind.RELOCATION: Asked(fields=(*PLACE, "phone"), needed=("area", "address"), services=True),
    ApplicationKind.CHANGE_OF_OWNER: Asked(fields=("name_km", "name_en", "phone", "email"), services=True),
    ApplicationKind.ADDED_SERVICE: Asked(services=True),
    ApplicationKind.CHANGE_OF_TYPE: Asked(fields=("facility_type", "beds"), needed=("facility_type",), services=True),
    ApplicationKind.SURRENDER: Asked(fields=("reason",), needed=("reason",)),
}

WITH_SERVICES_AS_THEY_ARE = (
    ApplicationKind.RENEWAL,
    ApplicationKind.RELOCATION,
    ApplicationKind.CHANGE_OF_OWNER,
    ApplicationKind.CHANGE_OF_TYPE,
)
"""These lead to a new licence, and ask by themselves for the services that are authorised under the old one."""


def asked(kind: str, *, registered: bool) -> Asked:
    """`registered`: the site is on the register, so that a first licence for it asks nothing about it."""
    if kind == ApplicationKind.NEW and registered:
        return Asked(of_licence=False, services=True)
    return ASKED[kind]


def missing(wanted: Asked, proposal: Proposal) -> list[str]:
    """The names of the fields that are needed and still empty; one name, in whichever script, is enough."""
    named = "name_km" in wanted.needed and bool(proposal.get("name_km") or proposal.get("name_en"))
    return [name for name in wanted.needed if not proposal.get(name) and not (name == "name_km" and named)]


def cleaned(wanted: Asked, texts: Mapping[str, str]) -> dict[str, str]:
    """Only what is asked for, with single spaces, and no empty text."""
    spaced = {name: " ".join(texts.get(name, "").split()) for name in wanted.fields}
    return {name: text for name, text in spaced.items() if text}


def changes(before: Proposal, after: Proposal) -> dict[str, list[str]]:
    """{field: [before, after]} of what differs."""
    names = [name for name in LABELS if before.get(name, "") != after.get(name, "")]
    return {name: [before.get(name, ""), after.get(name, "")] for name in names}


def fingerprint(content: object) -> str:
    """The same for the same content: by it a page knows whether what it was made from has changed since."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()[:16]
