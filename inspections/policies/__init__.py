"""What the rules of inspection allow, whoever asks."""

from inspections.policies.rulebooks import (
    check_bands_are_whole,
    check_can_publish,
    check_has_items,
    check_services_are_known,
)
from inspections.policies.visits import (
    FILLABLE,
    NOTE_LENGTH,
    check_answers_fit,
    check_can_fill,
    check_can_move,
    check_can_plan,
    check_can_submit,
    check_nothing_under_way,
    check_reason,
)

__all__ = [
    "FILLABLE",
    "NOTE_LENGTH",
    "check_answers_fit",
    "check_bands_are_whole",
    "check_can_fill",
    "check_can_move",
    "check_can_plan",
    "check_can_publish",
    "check_can_submit",
    "check_has_items",
    "check_nothing_under_way",
    "check_reason",
    "check_services_are_known",
]
