"""Everything that can happen to a visit, from its plan to its approval."""

from inspections.actions.visits.amending import amend
from inspections.actions.visits.deciding import approve, return_for_correction
from inspections.actions.visits.filling import Kept, Overtaken, arrive, keep, note_services, save_draft, start
from inspections.actions.visits.following import Followed, misplaced, plan_next, pointless, unplanned
from inspections.actions.visits.handing_in import conclude, submit
from inspections.actions.visits.planning import cancel, plan
from inspections.actions.visits.teams import Team, assign, declare_interest, leave, state_no_interest

__all__ = [
    "Followed",
    "Kept",
    "Overtaken",
    "Team",
    "amend",
    "approve",
    "arrive",
    "assign",
    "cancel",
    "conclude",
    "declare_interest",
    "keep",
    "leave",
    "misplaced",
    "note_services",
    "plan",
    "plan_next",
    "pointless",
    "return_for_correction",
    "save_draft",
    "start",
    "state_no_interest",
    "submit",
    "unplanned",
]
