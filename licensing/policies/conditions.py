"""What the law allows with the conditions of a licence or an authorisation."""

from datetime import date

from django.utils.translation import gettext as _

from licensing.models import Condition, Grant
from licensing.policies.grants import check_says_why
from licensing.states import ConditionState, LicenceState
from registry.core.errors import Refused


def check_can_impose(grant: Grant, *, text: str, due_on: date | None, imposed_on: date) -> None:
    """It says what, and is not due before it is imposed."""
    check_can_bear_conditions(grant)
    if not text.strip():
        raise Refused(_("Say what the condition is."), code="no_condition")
    if due_on is not None and due_on < imposed_on:
        raise Refused(_("Nothing can be due on a day that has passed."), code="due_in_the_past")


def check_can_bear_conditions(grant: Grant) -> None:
    """Only what was issued and has not ended."""
    if grant.state not in (LicenceState.ISSUED, LicenceState.SUSPENDED):
        raise Refused(
            _("%(number)s is in the state “%(state)s”, so this cannot be done.")
            % {"number": grant.number, "state": grant.get_state_display()},
            code="wrong_state",
        )


def check_can_close(condition: Condition, *, why: str) -> None:
    check_is_open(condition)
    check_says_why(why)


def check_is_open(condition: Condition) -> None:
    if condition.state != ConditionState.OPEN:
        raise Refused(
            _("This condition is in the state “%(state)s” already.") % {"state": condition.get_state_display()},
            code="wrong_state",
        )
