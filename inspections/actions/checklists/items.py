"""Items of a draft. Each change asks for the permission, and for the state, through `lock`."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from inspections import policies, rules
from inspections.actions.checklists.drafting import gone, lock, note, said
from inspections.actions.checklists.places import end, rename, swap
from inspections.actions.checklists.sections import own
from inspections.models import ChecklistItem, ChecklistSection, ChecklistVersion
from registry.accounts.models import User


@transaction.atomic
def save_item(
    *,
    section: ChecklistSection,
    item: ChecklistItem | None = None,
    facts: Mapping[str, Any],
    seen: str = "",
    by: User | None,
    at: datetime,
) -> ChecklistItem:
    """An item is added at the end of `section`, or says this from now on, and moves there if it was elsewhere.

    `seen`: what it said when the person read it. Raises NotPermitted, or Refused where the code is taken in the
    section or somebody else changed the item since.
    """
    version = lock(section.version, by=by)
    section = own(version, section)
    item = _own(version, item) if item else ChecklistItem()
    policies.check_is_unchanged(seen, item)
    taken = section.items.exclude(pk=item.pk).values_list("code", flat=True)
    policies.check_code_is_free(facts["code"], set(taken))
    former = rules.key(item.section, item) if item.pk else ""
    changes = {
        name: [said(getattr(item, name)), said(value)] for name, value in facts.items() if getattr(item, name) != value
    }
    if item.section_id != section.pk:
        item.section, item.position = section, end(section.items)
    for name, value in facts.items():
        setattr(item, name, value)
    item.save()
    key = rules.key(section, item)
    if former and former != key:
        changes["key"] = [former, key]
        rename(version, {former: key})
    note(version, by=by, at=at, item=key, changes=changes if former else {"label_en": ["", item.label_en]})
    return item


@transaction.atomic
def set_conditions(
    *, item: ChecklistItem, conditions: Sequence[Mapping[str, Any]], by: User | None, at: datetime
) -> ChecklistItem:
    """The item is asked only if all of these hold: [{"item": key of an earlier item, "is": its answers}].

    Raises NotPermitted, or Refused where one names an item that does not come before.
    """
    version = lock(item.section.version, by=by)
    item = _own(version, item)
    before, item.asked_if = item.asked_if, [dict(condition) for condition in conditions]
    policies.check_asks_for_earlier_items(item, rules.structure(version))
    item.save(update_fields=["asked_if"])
    key = rules.key(item.section, item)
    note(version, by=by, at=at, item=key, changes={"asked_if": [before, item.asked_if]})
    return item


@transaction.atomic
def move_item(*, item: ChecklistItem, up: bool, by: User | None, at: datetime) -> None:
    """An item changes places with the one above or below in its section; at the end nothing happens.

    Raises NotPermitted or Refused.
    """
    version = lock(item.section.version, by=by)
    item = _own(version, item)
    if swap(item, item.section.items.all(), up=up):
        note(version, by=by, at=at, item=rules.key(item.section, item), moved="up" if up else "down")


@transaction.atomic
def copy_item(*, item: ChecklistItem, by: User | None, at: datetime) -> ChecklistItem:
    """The same item once more, under the next free code, at the end of its section. Raises NotPermitted or Refused."""
    version = lock(item.section.version, by=by)
    item = _own(version, item)
    section = item.section
    facts = {name: getattr(item, name) for name in rules.ITEM_FIELDS}
    facts["code"] = rules.next_code(section.items.values_list("code", flat=True))
    copy = ChecklistItem.objects.create(section=section, position=end(section.items), **facts)
    note(version, by=by, at=at, item=rules.key(section, copy), copied_from=rules.key(section, item))
    return copy


@transaction.atomic
def remove_item(*, item: ChecklistItem, by: User | None, at: datetime) -> None:
    """An item goes. Raises NotPermitted, or Refused where other items depend on it."""
    version = lock(item.section.version, by=by)
    item = _own(version, item)
    key = rules.key(item.section, item)
    policies.check_nobody_asks_for([key], rules.structure(version))
    note(version, by=by, at=at, item=key, removed=[str(item)])
    item.delete()


def _own(version: ChecklistVersion, item: ChecklistItem) -> ChecklistItem:
    items = ChecklistItem.objects.select_related("section")
    found = items.filter(pk=item.pk, section__version=version).first()
    if found is None:
        raise gone()
    return found
