"""Everything that can happen to a visit, from its plan to its approval."""

from inspections.actions.visits.deciding import approve, findings_of, return_for_correction
from inspections.actions.visits.filling import Overtaken, note_services, save_draft, start
from inspections.actions.visits.handing_in import submit
from inspections.actions.visits.planning import cancel, plan

__all__ = [
    "Overtaken",
    "approve",
    "cancel",
    "findings_of",
    "note_services",
    "plan",
    "return_for_correction",
    "save_draft",
    "start",
    "submit",
]
