"""The kinds of licences, kept as data."""

import tomllib
from collections import Counter
from datetime import datetime
from pathlib import Path

from django.db import transaction

from licensing.models import LicenceType
from registry.accounts.models import User
from registry.audit.actions import record as record_event
from registry.models import FacilityType
from registry.permissions import check_may_change_catalogue

FILE = Path(__file__).resolve().parent.parent / "data" / "licence_types.toml"


@transaction.atomic
def load(*, by: User | None, at: datetime) -> Counter[str]:
    """Add the licence types of `licensing/data` that are missing; counts "created" and "unchanged".

    Safe to repeat. What exists stays as the administrators left it. `by` is None where the operator of the machine
    loads the list. The facility types must be there before. Raises NotPermitted.
    """
    if by is not None:
        check_may_change_catalogue(by)
    counts: Counter[str] = Counter()
    for entry in tomllib.loads(FILE.read_text(encoding="utf-8"))["licence_type"]:
        codes = entry.pop("facility_types")
        type, created = LicenceType.objects.get_or_create(code=entry["code"], defaults=entry)
        counts["created" if created else "unchanged"] += 1
        if created:
            type.facility_types.set([FacilityType.objects.get(code=code) for code in codes])
            record_event(
                verb="licence_type.created", subject=type, by=by, at=at, facts=entry | {"facility_types": codes}
            )
    return counts
