"""Who may do what about a corrective action."""

from django.utils.translation import gettext as _

from inspections.models import CorrectiveAction
from registry.accounts.models import User
from registry.accounts.states import PROVINCIAL_ROLES, Role
from registry.core.errors import NotPermitted


def check_may_enter_evidence(user: User, action: CorrectiveAction) -> None:
    """What came by letter or by hand is entered by the inspectors and managers of the facility's province."""
    _check_at_home(user, action)


def check_may_judge_evidence(user: User, action: CorrectiveAction) -> None:
    """An inspector or manager of the province, but nobody who entered evidence for this action."""
    _check_at_home(user, action)
    if action.evidence.filter(entered_by=user).exists():
        raise NotPermitted(_("Nobody judges evidence that they entered themselves."), code="own_evidence")


def check_may_manage_actions(user: User, action: CorrectiveAction) -> None:
    """Give more time, or ask for it no longer: the manager of the province."""
    if user.role != Role.PROVINCIAL_MANAGER or user.province_id != action.facility.province_id:
        raise NotPermitted(_("Only the manager of the province decides this."), code="not_manager")


def _check_at_home(user: User, action: CorrectiveAction) -> None:
    if user.role not in PROVINCIAL_ROLES or user.province_id != action.facility.province_id:
        raise NotPermitted(
            _("Evidence is looked at by the inspectors and managers of the facility's own province."),
            code="not_of_the_province",
        )
