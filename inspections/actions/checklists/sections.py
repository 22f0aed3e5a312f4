"""Sections of a draft. Each change asks for the permission, and for the state, through `lock`."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from inspections import policies, rules
from inspections.actions.checklists.drafting import gone, lock, note, said
from inspections.actions.checklists.places import end, rename, swap
from inspections.models import ChecklistItem, ChecklistSection, ChecklistVersion
from registry.accounts.models import User


@transaction.atomic
def save_section(
    *,
    version: ChecklistVersion,
    section: ChecklistSection | None = None,
    facts: Mapping[str, Any],
    seen: str = "",
    by: User | None,
    at: datetime,
) -> ChecklistSection:
    """A section is added at the end, or says this from now on. `seen`: what it said when the person read it.

    Raises NotPermitted, or Refused where the code is taken or somebody else changed it since.
    """
    version = lock(version, by=by)
    section = own(version, section) if section else ChecklistSection(version=version, position=end(version.sections))
    policies.check_is_unchanged(seen, section)
    policies.check_code_is_free(facts["code"], _codes(version, but=section))
    former = section.code
    changes = {
        name: [said(getattr(section, name)), said(value)]
        for name, value in facts.items()
        if getattr(section, name) != value
    }
    for name, value in facts.items():
        setattr(section, name, value)
    section.save()
    if former and former != section.code:
        codes = section.items.values_list("code", flat=True)
        rename(version, {f"{former}.{code}": f"{section.code}.{code}" for code in codes})
    note(version, by=by, at=at, section=section.code, changes=changes)
    return section


@transaction.atomic
def move_section(*, section: ChecklistSection, up: bool, by: User | None, at: datetime) -> None:
    """A section changes places with the one above or below; at the end of the list nothing happens.

    Raises NotPermitted or Refused.
    """
    version = lock(section.version, by=by)
    section = own(version, section)
    if swap(section, version.sections.all(), up=up):
        note(version, by=by, at=at, section=section.code, moved="up" if up else "down")


@transaction.atomic
def remove_section(*, section: ChecklistSection, by: User | None, at: datetime) -> None:
    """A section goes with its items. Raises NotPermitted, or Refused where items elsewhere depend on its own."""
    version = lock(section.version, by=by)
    section = own(version, section)
    items = ChecklistItem.objects.filter(section=section)
    keys = [rules.key(section, item) for item in items]
    policies.check_nobody_asks_for(keys, rules.structure(version))
    note(version, by=by, at=at, section=section.code, removed=[str(section), *keys])
    section.delete()


def own(version: ChecklistVersion, section: ChecklistSection) -> ChecklistSection:
    """The section as it is now. Raises Refused where it is gone."""
    found = version.sections.filter(pk=section.pk).first()
    if found is None:
        raise gone()
    return found


def _codes(version: ChecklistVersion, *, but: ChecklistSection) -> set[str]:
    return set(version.sections.exclude(pk=but.pk).values_list("code", flat=True))
