"""What differs between two versions of a checklist, in words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from inspections import policies, rules
from inspections.models import Checklist, ChecklistItem, ChecklistSection, Visit
from inspections.states import VisitState

Part = ChecklistSection | ChecklistItem


@dataclass(frozen=True)
class Change:
    """One thing that is said differently: its name, what was said, what is said."""

    name: str
    before: Any
    after: Any


@dataclass(frozen=True)
class Pair:
    """A section or item that is in both versions, and what differs; `moved`: it stands elsewhere in the order."""

    key: str
    part: Part
    changes: list[Change]
    moved: bool


@dataclass
class Comparison:
    """Added, removed and changed parts, each in the order of its version, with the key of each part."""

    added: list[tuple[str, Part]] = field(default_factory=list)
    removed: list[tuple[str, Part]] = field(default_factory=list)
    changed: list[Pair] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)


def compare(former: rules.Structure, later: rules.Structure) -> Comparison:
    """What a reader of `former` has to know to use `later`. Nothing is read.

    Parts are the same where their keys are ("S02.A01"); an item whose key is gone is the same as a new one that asks
    the same in both languages: it was moved or renumbered. Of parts in another order, as few as possible are called
    moved.
    """
    known = _items(former)
    found = Comparison()
    _match(found, {s.code: s for s, _items in former}, {s.code: s for s, _items in later}, known)
    _match(found, known, _items(later), known | _items(later))
    return found


def _match(found: Comparison, former: Mapping[str, Any], later: Mapping[str, Any], known: Mapping[str, Any]) -> None:
    partner = {key: key for key in later if key in former}
    waiting: dict[Any, list[str]] = {}
    for key, part in former.items():
        if key not in later and (same := _asks(part)):
            waiting.setdefault(same, []).append(key)
    for key, part in later.items():
        if key not in partner and (same := waiting.get(_asks(part))):
            partner[key] = same.pop(0)
    places = {key: place for place, key in enumerate(former)}
    both = [key for key in later if key in partner]
    moved = {both[place] for place in rules.out_of_order([places[partner[key]] for key in both])}
    for key in both:
        old, new = former[partner[key]], later[key]
        changes = _changes(old, new, known)
        if partner[key] != key and isinstance(new, ChecklistItem):
            changes = [Change(_("Code"), partner[key], key), *(c for c in changes if c.name != _name(new, "code"))]
        if changes or key in moved:
            found.changed.append(Pair(key, new, changes, key in moved))
    found.added += [(key, part) for key, part in later.items() if key not in partner]
    kept = set(partner.values())
    found.removed += [(key, part) for key, part in former.items() if key not in kept]


def _asks(part: Part) -> Any:
    return (part.label_km, part.label_en) if isinstance(part, ChecklistItem) else None


def _items(structure: rules.Structure) -> dict[str, ChecklistItem]:
    return {rules.key(section, item): item for section, items in structure for item in items}


def _changes(old: Part, new: Part, known: Mapping[str, Any]) -> list[Change]:
    return [
        Change(_name(new, name), in_words(old, name, known), in_words(new, name, known))
        for name in rules.fields_of(new)
        if getattr(old, name) != getattr(new, name)
    ]


def _name(part: Part, name: str) -> str:
    own = {"asked_if": _("Asked if"), "choices": _("Choices"), "applies_when": _("Applies to")}.get(name)
    text = own or str(part._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
    return text[:1].upper() + text[1:]


def in_words(part: Part, name: str, known: Mapping[str, Any]) -> Any:
    """What a field says, as people read it."""
    value = getattr(part, name)
    if name == "asked_if":
        return "; ".join(condition_in_words(condition, known) for condition in value)
    if name == "choices":
        return "; ".join(f"{choice['code']}: {rules.words(choice)}" for choice in value)
    if name == "applies_when":
        return ", ".join(code for codes in ("types", "levels", "services") for code in value.get(codes) or ())
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if name == "weight":
        return f"{Decimal(value).normalize():f}"
    display = getattr(part, f"get_{name}_display", None)
    return display() if display else value


def condition_in_words(condition: Mapping[str, Any], known: Mapping[str, ChecklistItem]) -> str:
    """“S01.02 Is there water? Yes or Partly”: the item that must have been answered, and how."""
    item = known.get(condition["item"])
    possible = (policies.possible_answers(item) if item else None) or {}
    answers = [str(possible.get(code, code)) for code in condition["is"]]
    return _("%(key)s “%(item)s”: %(answers)s") % {
        "key": condition["item"],
        "item": item or "–",
        "answers": _(" or ").join(answers),
    }


def planned_with(checklist: Checklist) -> int:
    """How many planned visits will begin with whichever version of this checklist is then in use."""
    return Visit.objects.filter(checklist_version__checklist=checklist, state=VisitState.PLANNED).count()
