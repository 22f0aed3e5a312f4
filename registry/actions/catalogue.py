"""The short lists kept as data: facility types, services and what they need, councils, kinds of equipment."""

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
from registry.models import Council, EquipmentKind, FacilityType, Prerequisite, Service

DATA = Path(__file__).resolve().parent.parent / "data"
Entry = FacilityType | Service | OperationalDistrict | Council | EquipmentKind | Prerequisite
VERBS: dict[type[Entry], str] = {
    FacilityType: "facility_type",
    Service: "service",
    OperationalDistrict: "operational_district",
    Council: "council",
    EquipmentKind: "equipment_kind",
    Prerequisite: "prerequisite",
}
LOADED: tuple[type[FacilityType | Service | Council | EquipmentKind], ...] = (
    FacilityType,
    Service,
    Council,
    EquipmentKind,
)


@transaction.atomic
def load(*, by: User | None, at: datetime) -> Counter[str]:
    """Add the entries of `registry/data` that are missing; counts "created" and "unchanged".

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
    return counts + _load_prerequisites(by=by, at=at)


def _load_prerequisites(*, by: User | None, at: datetime) -> Counter[str]:
    """Services that have prerequisites already keep them as they are: one may have been removed on purpose."""
    counts: Counter[str] = Counter()
    known = set(Prerequisite.objects.values_list("service__code", flat=True))
    for entry in tomllib.loads((DATA / "prerequisites.toml").read_text(encoding="utf-8"))["prerequisite"]:
        counts["unchanged" if entry["service"] in known else "created"] += 1
        if entry["service"] not in known:
            prerequisite = Prerequisite.objects.create(
                service=Service.objects.get(code=entry["service"]),
                council=Council.objects.filter(code=entry.get("council")).first(),
                equipment_kind=EquipmentKind.objects.filter(code=entry.get("equipment_kind")).first(),
                least=entry["least"],
                clause=entry["clause"],
            )
            record(verb="prerequisite.created", subject=prerequisite, by=by, at=at, facts=entry)
    return counts


@transaction.atomic
def save(*, entry: Entry, by: User, at: datetime) -> Entry:
    """An entry of a short list is added or changed. Raises NotPermitted."""
    permissions.check_may_change_catalogue(by)
    verb = f"{VERBS[type(entry)]}.{'created' if entry.pk is None else 'changed'}"
    entry.save()
    record(verb=verb, subject=entry, by=by, at=at, facts=model_to_dict(entry))
    return entry


@transaction.atomic
def remove(*, prerequisite: Prerequisite, by: User, at: datetime) -> None:
    """The service no longer depends on it; what is authorised stays. Raises NotPermitted."""
    permissions.check_may_change_catalogue(by)
    record(verb="prerequisite.removed", subject=prerequisite, by=by, at=at, facts={"prerequisite": str(prerequisite)})
    prerequisite.delete()
