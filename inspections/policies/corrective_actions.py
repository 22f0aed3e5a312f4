"""What the law allows to be done about a corrective action."""

from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from inspections.models import CorrectiveAction
from inspections.states import ACTION_TRANSITIONS, ActionState
from registry.core.errors import Refused

OPEN_ACTIONS = (ActionState.REQUIRED, ActionState.EVIDENCE_GIVEN)
MOST_EVIDENCE = 20
"""Whoever knows the address can hand in evidence, without an account: there is an end to it."""
EVIDENCE_LENGTH = 4000


def check_is_open(action: CorrectiveAction) -> None:
    if action.state not in OPEN_ACTIONS:
        raise Refused(
            _("This corrective action is “%(state)s”; nothing more is to be done about it.")
            % {"state": action.get_state_display()},
            code="action_not_open",
        )


def check_can_give_evidence(action: CorrectiveAction, *, text: str, name: str) -> None:
    check_is_open(action)
    if not text.strip() or not name.strip():
        raise Refused(_("Say what was done and who you are."), code="evidence_says_nothing")
    if len(text) > EVIDENCE_LENGTH:
        raise Refused(_("Say it in at most %(most)s characters.") % {"most": EVIDENCE_LENGTH}, code="evidence_too_long")
    if action.evidence.count() >= MOST_EVIDENCE:
        raise Refused(
            _("There is enough evidence already. Please talk to the provincial health department."),
            code="enough_evidence",
        )


def check_can_judge_evidence(action: CorrectiveAction) -> None:
    """Only what waits to be looked at is looked at: `states.ACTION_TRANSITIONS`."""
    check_is_open(action)
    if action.state != ActionState.EVIDENCE_GIVEN or ActionState.VERIFIED not in ACTION_TRANSITIONS[action.state]:
        raise Refused(_("No evidence waits to be looked at."), code="no_evidence_waits")


def check_can_extend(action: CorrectiveAction, due_on: date, *, today: date) -> None:
    check_is_open(action)
    if due_on <= max(action.due_on, today):
        raise Refused(
            _("The new day is later than today and than %(day)s.") % {"day": date_format(action.due_on)},
            code="not_extended",
        )
