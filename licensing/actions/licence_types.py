"""The kinds of licences, kept as data."""

import tomllib
from datetime import datetime
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _

from licensing.models import LicenceType
from registry.accounts.models import User
from registry.audit.actions import record as record_event
from registry.core.errors import Refused
from registry.models import FacilityType

FILE = Path(__file__).resolve().parent.parent / "data" / "licence_types.toml"


@transaction.atomic
def load(*, by: User | None, at: datetime, file: Path = FILE) -> int:
    """Make the licence types what the file says; returns how many were new or different.

    `by` is None where the operator of the machine loads them. Types that the file does not name stay as they are.
    Raises Refused where the file names an unknown facility type. Safe to repeat: what is already so is left alone.
    """
    facility_types = {type.code: type for type in FacilityType.objects.all()}
    changed = 0
    for entry in tomllib.loads(file.read_text())["licence_type"]:
        codes = set(entry.pop("facility_types"))
        if unknown := codes - facility_types.keys():
            raise Refused(
                _("%(file)s names facility types that are not in the register: %(codes)s.")
                % {"file": file.name, "codes": ", ".join(sorted(unknown))},
                code="unknown_facility_type",
            )
        former = LicenceType.objects.filter(code=entry["code"]).first()
        if former is not None and _same(former, entry, codes):
            continue
        type, created = LicenceType.objects.update_or_create(code=entry["code"], defaults=entry)
        type.facility_types.set([facility_types[code] for code in codes])
        verb = "licence_type.created" if created else "licence_type.changed"
        record_event(verb=verb, subject=type, by=by, at=at, facts=entry | {"facility_types": sorted(codes)})
        changed += 1
    return changed


def _same(type: LicenceType, entry: dict[str, object], codes: set[str]) -> bool:
    return all(getattr(type, name) == value for name, value in entry.items()) and codes == set(
        type.facility_types.values_list("code", flat=True)
    )
