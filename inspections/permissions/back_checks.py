"""Who has visits repeated, and who reads what came of it. Inspectors do neither."""

from typing import Any

from django.utils.translation import gettext as _

from inspections.models import BackCheck
from registry.accounts.states import Role
from registry.core.errors import NotPermitted

DRAWERS = (Role.ADMINISTRATOR, Role.APPROVER)


def check_may_read_back_checks(user: Any) -> None:
    """Everybody but the inspectors, each in the own scope (`BackCheckQuerySet.visible_to`)."""
    if user.role == Role.INSPECTOR:
        raise NotPermitted(_("Back-checks are read by managers, the ministry and auditors."), code="inspector")


def check_may_draw(user: Any) -> None:
    if user.role not in DRAWERS:
        raise NotPermitted(_("Visits to be repeated are drawn by the ministry."), code="not_drawer")


def check_may_assign_repeat(user: Any, check: BackCheck) -> None:
    """The manager of the province, or whoever may draw."""
    if user.role in DRAWERS:
        return
    if user.role != Role.PROVINCIAL_MANAGER or user.province_id != check.original.facility.province_id:
        raise NotPermitted(
            _("The repeat is assigned by the manager of the province or by the ministry."), code="not_manager"
        )
