"""Everything that can happen to a practitioner by hand; registers of councils come through `actions.imports`."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from registry import permissions, policies
from registry.accounts.models import User
from registry.actions.facilities import plain
from registry.audit.actions import record
from registry.core.khmer import ascii_digits, search_key, sort_key
from registry.models import Practitioner

FACTS = (
    *("council", "council_number", "name_km", "name_en", "cadre", "nationality", "licensed_until"),
    *("permission_number", "permission_until", "struck_off_on"),
)


@transaction.atomic
def register(*, facts: Mapping[str, Any], by: User, at: datetime) -> Practitioner:
    """A health professional is known to the registry. Raises NotPermitted, or Refused where the facts do not fit."""
    permissions.check_may_keep_practitioners(by)
    practitioner = _write(Practitioner(), facts, at=at)
    said = {name: plain(value) for name, value in facts.items() if value not in (None, "")}
    record(verb="practitioner.registered", subject=practitioner, by=by, at=at, facts=said)
    return practitioner


@transaction.atomic
def edit(*, practitioner: Practitioner, facts: Mapping[str, Any], by: User, at: datetime) -> Practitioner:
    """The facts about the practitioner become these. Raises NotPermitted or Refused."""
    permissions.check_may_keep_practitioners(by)
    practitioner = Practitioner.objects.select_for_update(of=("self",), no_key=True).get(pk=practitioner.pk)
    changes = {
        name: [plain(getattr(practitioner, name)), plain(value)]
        for name, value in facts.items()
        if getattr(practitioner, name) != value
    }
    if changes:
        _write(practitioner, facts, at=at)
        record(verb="practitioner.edited", subject=practitioner, by=by, at=at, facts=changes)
    return practitioner


def keys(name_km: str, name_en: str) -> dict[str, str]:
    """The columns by which a practitioner of these names is found and sorted. Nothing is read or written."""
    room = Practitioner._meta.get_field("search_key").max_length
    return {"search_key": search_key(f"{name_km} {name_en}")[:room], "sort_key": sort_key(name_km or name_en)}


def _write(practitioner: Practitioner, facts: Mapping[str, Any], *, at: datetime) -> Practitioner:
    for name in FACTS:
        if name in facts:
            setattr(practitioner, name, facts[name])
    practitioner.council_number = ascii_digits(practitioner.council_number)
    for name, value in keys(practitioner.name_km, practitioner.name_en).items():
        setattr(practitioner, name, value)
    practitioner.changed_at = at
    policies.check_can_hold_practitioner(practitioner)
    practitioner.save()
    practitioner.refresh_from_db(fields=["foreign", "practises_until"])
    return practitioner
