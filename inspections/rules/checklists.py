"""Checklists as texts and as an order: what was read, what it says, in which place it stands."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from itertools import count
from typing import Any

from django.utils.translation import get_language

from inspections.models import ChecklistItem, ChecklistSection

SECTION_FIELDS = ("code", "name_km", "name_en", "scored", "applies_when")
ITEM_FIELDS = (
    "code",
    "heading_km",
    "heading_en",
    "label_km",
    "label_en",
    "kind",
    "unit",
    "choices",
    "required",
    "applies_when",
    "asked_if",
    "weight",
    "critical",
    "clause",
    "severity",
    "guidance_km",
    "guidance_en",
)


def fields_of(thing: ChecklistSection | ChecklistItem) -> Sequence[str]:
    """What is said of a section or an item; its place is not among it."""
    return SECTION_FIELDS if isinstance(thing, ChecklistSection) else ITEM_FIELDS


def edition(thing: ChecklistSection | ChecklistItem) -> str:
    """A short text that is another one once anything is said differently, as stored."""
    said = [str(getattr(thing, name)) for name in fields_of(thing)]
    return sha256("\x1f".join(said).encode()).hexdigest()[:16]


def next_code(taken: Iterable[str], before: str = "") -> str:
    """The first free one of "01", "02" …, after the letters `before`."""
    codes = set(taken)
    return next(code for number in count(1) if (code := f"{before}{number:02d}") not in codes)


def words(choice: Mapping[str, str]) -> str:
    """What a choice is called in the language of the page."""
    km, en = choice.get("label_km", ""), choice.get("label_en", "")
    return (km or en) if (get_language() or "").startswith("km") else (en or km)


def out_of_order(places: Sequence[Any]) -> set[int]:
    """Which of these (by index) to lift out so that the rest ascends: as few as possible.

    `places` are the former places, in the new order.
    """
    ends: list[int] = []  # of the best chain of each length so far, its last index
    before: list[int] = []
    for here, place in enumerate(places):
        length = bisect_left(ends, place, key=places.__getitem__)
        before.append(ends[length - 1] if length else -1)
        ends[length : length + 1] = [here]
    moved = set(range(len(places)))
    here = ends[-1] if ends else -1
    while here >= 0:
        moved.remove(here)
        here = before[here]
    return moved
