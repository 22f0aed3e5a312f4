"""Where parts of a draft stand, and by which key other items know them."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Max, QuerySet

from inspections.models import ChecklistItem, ChecklistSection, ChecklistVersion


def end(rows: Any) -> int:
    """The place after the last one."""
    last: int | None = rows.aggregate(last=Max("position"))["last"]
    return 0 if last is None else last + 1


def swap(thing: ChecklistSection | ChecklistItem, rows: QuerySet[Any], *, up: bool) -> bool:
    """Change places with the neighbour above or below; False where there is none."""
    beyond = (
        rows.filter(position__lt=thing.position).order_by("-position")
        if up
        else rows.filter(position__gt=thing.position).order_by("position")
    )
    neighbour = beyond.first()
    if neighbour is None:
        return False
    here, there = thing.position, neighbour.position
    # Two rows never share a place, not even between two statements: one waits at the end.
    for row, place in ((thing, end(rows)), (neighbour, here), (thing, there)):
        row.position = place
        row.save(update_fields=["position"])
    return True


def rename(version: ChecklistVersion, keys: Mapping[str, str]) -> None:
    """Conditions on items follow when the items get another key."""
    changed = []
    for item in ChecklistItem.objects.filter(section__version=version).exclude(asked_if=[]):
        conditions = [
            {**condition, "item": keys.get(condition["item"], condition["item"])} for condition in item.asked_if
        ]
        if conditions != item.asked_if:
            item.asked_if = conditions
            changed.append(item)
    ChecklistItem.objects.bulk_update(changed, ["asked_if"])
