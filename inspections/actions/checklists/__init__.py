"""The checklist studio: everything that can happen to a checklist and its draft."""

from inspections.actions.checklists.drafting import create, describe, discard, draft
from inspections.actions.checklists.items import copy_item, move_item, remove_item, save_item, set_conditions
from inspections.actions.checklists.retiring import retire
from inspections.actions.checklists.sections import move_section, remove_section, save_section
from inspections.actions.rulebook import known, publish

__all__ = [
    "copy_item",
    "create",
    "describe",
    "discard",
    "draft",
    "known",
    "move_item",
    "move_section",
    "publish",
    "remove_item",
    "remove_section",
    "retire",
    "save_item",
    "save_section",
    "set_conditions",
]
