"""The devices of a facility, from the day they come to the day they are withdrawn."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from registry import permissions, policies
from registry.accounts.models import User
from registry.actions.facilities import lock, plain
from registry.audit.actions import record
from registry.models import Equipment, Facility

FACTS = (
    *("kind", "maker", "model", "serial", "installed_on", "approval_number", "approved_on"),
    "calibration_due_on",
)


@transaction.atomic
def register(*, facility: Facility, facts: Mapping[str, Any], by: User, at: datetime) -> Equipment:
    """A device is in use in the facility. Raises NotPermitted, or Refused where the facts do not fit."""
    facility = lock(facility)
    permissions.check_may_edit(by, facility)
    equipment = _write(Equipment(facility=facility), facts, at=at)
    said = {name: plain(value) for name, value in facts.items() if value not in (None, "")}
    record(verb="equipment.registered", subject=equipment, by=by, at=at, facts=said)
    return equipment


@transaction.atomic
def edit(*, equipment: Equipment, facts: Mapping[str, Any], by: User, at: datetime) -> Equipment:
    """The facts about the device, its calibration among them, become these. Raises NotPermitted or Refused."""
    equipment = _lock(equipment)
    permissions.check_may_edit(by, equipment.facility)
    policies.check_is_in_use(equipment)
    changes = {
        name: [plain(getattr(equipment, name)), plain(value)]
        for name, value in facts.items()
        if getattr(equipment, name) != value
    }
    if changes:
        _write(equipment, facts, at=at)
        record(verb="equipment.edited", subject=equipment, by=by, at=at, facts=changes)
    return equipment


@transaction.atomic
def withdraw(*, equipment: Equipment, withdrawn_on: date, by: User, at: datetime) -> Equipment:
    """From that day on the device is no longer used. Raises NotPermitted or Refused."""
    equipment = _lock(equipment)
    permissions.check_may_edit(by, equipment.facility)
    policies.check_can_withdraw(equipment, withdrawn_on=withdrawn_on, on=timezone.localdate(at))
    equipment.withdrawn_on = withdrawn_on
    equipment.save(update_fields=["withdrawn_on"])
    record(verb="equipment.withdrawn", subject=equipment, by=by, at=at, facts={"withdrawn_on": str(withdrawn_on)})
    return equipment


def _write(equipment: Equipment, facts: Mapping[str, Any], *, at: datetime) -> Equipment:
    for name in FACTS:
        if name in facts:
            setattr(equipment, name, facts[name])
    policies.check_can_hold_equipment(equipment, on=timezone.localdate(at))
    equipment.save()
    return equipment


def _lock(equipment: Equipment) -> Equipment:
    facility = lock(equipment.facility)
    locked: Equipment = (
        Equipment.objects.select_for_update(of=("self",), no_key=True).select_related("kind").get(pk=equipment.pk)
    )
    locked.facility = facility
    return locked
