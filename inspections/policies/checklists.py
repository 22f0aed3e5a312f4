"""What a checklist must be before inspectors go by it, and what keeps a part of it where it is."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from django.utils.translation import gettext as _

from inspections import rules
from inspections.models import Checklist, ChecklistItem, ChecklistSection, ChecklistVersion
from inspections.states import VERSION_TRANSITIONS, Answer, AnswerKind, VersionState
from registry.core.errors import Refused


@dataclass(frozen=True)
class Known:
    """The codes that conditions may name."""

    types: frozenset[str]
    levels: frozenset[str]
    services: frozenset[str]


@dataclass(frozen=True)
class Fault:
    """Something wrong with a checklist, in a sentence; `grave` keeps it from being published."""

    sentence: str
    section: ChecklistSection | None = None
    item: ChecklistItem | None = None
    grave: bool = True

    @property
    def key(self) -> str:
        if self.section is None:
            return ""
        return rules.key(self.section, self.item) if self.item else self.section.code


def check_is_draft(version: ChecklistVersion) -> None:
    if version.state != VersionState.DRAFT:
        raise Refused(_("“%(name)s” is published: it stays as it is.") % {"name": version}, code="not_a_draft")


def check_can_draft(checklist: Checklist) -> None:
    """One draft at a time, so that two people do not write two next versions."""
    if checklist.versions.filter(state=VersionState.DRAFT).exists():
        raise Refused(_("“%(name)s” already has a draft. Go on with that one.") % {"name": checklist}, code="a_draft")


def check_can_retire(version: ChecklistVersion) -> None:
    if VersionState.RETIRED not in VERSION_TRANSITIONS[version.state]:
        raise Refused(_("“%(name)s” is not in use.") % {"name": version}, code="not_published")


def check_code_is_free(code: str, taken: Collection[str]) -> None:
    if code in taken:
        raise Refused(_("The code “%(code)s” is taken here.") % {"code": code}, code="code_taken")


def check_is_unchanged(seen: str, thing: ChecklistSection | ChecklistItem) -> None:
    """Nobody has changed it since the person who edits it read it; an empty `seen` says that it does not matter."""
    if seen and seen != rules.edition(thing):
        raise Refused(
            _("Somebody else changed this meanwhile. What you typed is kept: compare, then save again."),
            code="changed_meanwhile",
        )


def check_nobody_asks_for(keys: Collection[str], structure: rules.Structure) -> None:
    """No item outside of `keys` is asked only after an answer to one of them."""
    for section, items in structure:
        for item in items:
            for condition in item.asked_if:
                if condition["item"] in keys and rules.key(section, item) not in keys:
                    raise Refused(
                        _("“%(item)s” is asked only after an answer to %(key)s. Change that first.")
                        % {"item": item, "key": condition["item"]},
                        code="asked_for",
                    )


def check_asks_for_earlier_items(item: ChecklistItem, structure: rules.Structure) -> None:
    everything = [(rules.key(section, other), other.pk) for section, items in structure for other in items]
    earlier = {key for key, _pk in takewhile(lambda entry: entry[1] != item.pk, everything)}
    if missing := [condition["item"] for condition in item.asked_if if condition["item"] not in earlier]:
        raise Refused(
            _("%(key)s does not come before “%(item)s”.") % {"key": missing[0], "item": item}, code="not_earlier"
        )


def check_is_sound(structure: rules.Structure, known: Known) -> None:
    grave = [fault.sentence for fault in faults(structure, known) if fault.grave]
    if grave:
        raise Refused(" ".join(grave[:5]), code="unsound_checklist")


def faults(structure: rules.Structure, known: Known) -> list[Fault]:
    """Everything that is wrong with a checklist, in its own order. Nothing is read."""
    found = []
    if not structure:
        found.append(Fault(_("The checklist has no section.")))
    earlier: dict[str, ChecklistItem] = {}
    for section, items in structure:
        found += [Fault(sentence, section) for sentence in _of_section(section, items, known)]
        if not section.name_km:
            missing = _("Section %(key)s “%(section)s” has no name in Khmer.")
            found.append(Fault(missing % _names(section), section, grave=False))
        for item in items:
            found += [Fault(sentence, section, item) for sentence in _of_item(section, item, known, earlier)]
            if not item.label_km:
                missing = _("%(key)s “%(item)s” is not in Khmer.")
                found.append(Fault(missing % _names(section, item), section, item, grave=False))
            earlier[rules.key(section, item)] = item
    return found


def _of_section(section: ChecklistSection, items: Collection[ChecklistItem], known: Known) -> Iterator[str]:
    if not items:
        yield _("Section %(key)s “%(section)s” has no item.") % _names(section)
    for code in _unknown(section.applies_when, known):
        sentence = _("Section %(key)s “%(section)s” applies to “%(code)s”, which is not in the catalogue.")
        yield sentence % (_names(section) | {"code": code})


def _of_item(
    section: ChecklistSection, item: ChecklistItem, known: Known, earlier: dict[str, ChecklistItem]
) -> Iterator[str]:
    names = _names(section, item)
    if item.kind == AnswerKind.CHOICE and not item.choices:
        yield _("%(key)s “%(item)s” is a choice without anything to choose.") % names
    if len({choice["code"] for choice in item.choices}) < len(item.choices):
        yield _("%(key)s “%(item)s” has the same choice twice.") % names
    if item.kind == AnswerKind.MEASURE and not item.unit:
        yield _("%(key)s “%(item)s” is a measure without a unit.") % names
    for code in _unknown(item.applies_when, known):
        yield _("%(key)s “%(item)s” applies to “%(code)s”, which is not in the catalogue.") % (names | {"code": code})
    for condition in item.asked_if:
        on = earlier.get(condition["item"])
        named = names | {"other": condition["item"]}
        if on is None:
            yield _("%(key)s “%(item)s” depends on %(other)s, which is no earlier item.") % named
        elif (possible := possible_answers(on)) is not None and not set(condition["is"]) <= {*possible}:
            yield _("%(key)s “%(item)s” depends on an answer that %(other)s does not have.") % named


def possible_answers(item: ChecklistItem) -> dict[str, Any] | None:
    """The answers of an item and their words; None where anything can be written."""
    if item.kind == AnswerKind.COMPLIANCE:
        return dict(Answer.choices)
    if item.kind == AnswerKind.CHOICE:
        return {choice["code"]: rules.words(choice) for choice in item.choices}
    return None


def _unknown(applies_when: rules.AppliesWhen, known: Known) -> Iterator[str]:
    for name in ("types", "levels", "services"):
        yield from (code for code in applies_when.get(name) or () if code not in getattr(known, name))


def _names(section: ChecklistSection, item: ChecklistItem | None = None) -> dict[str, Any]:
    if item is None:
        return {"key": section.code, "section": section}
    return {"key": rules.key(section, item), "item": item}
