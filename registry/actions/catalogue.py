"""The short lists kept as data: facility types and services."""

import tomllib
from collections import Counter
from datetime import datetime
from pathlib import Path

from django.db import transaction
from django.forms.models import model_to_dict

from registry import permissions
from registry.accounts.models import User
from registry.areas.models import OperationalDistrict
from registry.audit.actions import record
from registry.models import FacilityType, Service

DATA = Path(__file__).resolve().parent.parent / "data"
Entry = FacilityType | Service | OperationalDistrict
VERBS: dict[type[Entry], str] = {
    FacilityType: "facility_type",
    Service: "service",
    OperationalDistrict: "operational_district",
}
LOADED = (FacilityType, Service)


@transaction.atomic
def load(*, by: User | None, at: datetime) -> Counter[str]:
    """Add the facility types and services of `registry/data` that are missing; counts "created" and "unchanged".

    Safe to repeat. What exists stays as the administrators left it. `by` is None where the operator of the machine
    loads the lists. Raises NotPermitted.
    """
    if by is not None:
        permissions.check_may_change_catalogue(by)
    counts: Counter[str] = Counter()
    for model in LOADED:
        kind = VERBS[model]
        for entry in tomllib.loads((DATA / f"{kind}s.toml").read_text(encoding="utf-8"))[kind]:
            thing, created = model.objects.get_or_create(code=entry["code"], defaults=entry)
            counts["created" if created else "unchanged"] += 1
            if created:
                record(verb=f"{kind}.created", subject=thing, by=by, at=at, facts=entry)
    return counts


@transaction.atomic
def save(*, entry: Entry, by: User, at: datetime) -> Entry:
    """A facility type, a service or an operational district is added or changed. Raises NotPermitted."""
    permissions.check_may_change_catalogue(by)
    verb = f"{VERBS[type(entry)]}.{'created' if entry.pk is None else 'changed'}"
    entry.save()
    record(verb=verb, subject=entry, by=by, at=at, facts=model_to_dict(entry))
    return entry
