"""Who plans visits and says who goes."""

from collections.abc import Collection

from django.utils.translation import gettext as _

from inspections.models import Visit
from registry.accounts.models import User
from registry.accounts.states import Role
from registry.core.errors import NotPermitted
from registry.models import Facility

PLANNERS = (Role.INSPECTOR, Role.PROVINCIAL_MANAGER)
ASKERS = (Role.LICENSING_OFFICER, Role.APPROVER, Role.ENFORCEMENT_OFFICER)
"""They ask a province for a visit; who goes, the province says."""


def check_may_plan(user: User, facility: Facility, inspector: User | None) -> None:
    """Inspectors plan for themselves, managers for the inspectors of their province, the ministry for nobody yet."""
    if user.role in ASKERS and inspector is None:
        return
    if user.role not in PLANNERS or user.province_id != facility.province_id:
        raise NotPermitted(
            _("Visits are planned by the inspectors and managers of the facility's own province."), code="not_planner"
        )
    if user.role == Role.INSPECTOR and inspector != user:
        raise NotPermitted(_("An inspector plans own visits only."), code="not_own_visit")


def check_may_assign(user: User, visit: Visit) -> None:
    """A manager of the province says who goes; an inspector takes a visit that nobody has."""
    if user.province_id == visit.facility.province_id and (
        user.role == Role.PROVINCIAL_MANAGER or (user.role == Role.INSPECTOR and visit.inspector_id is None)
    ):
        return
    raise NotPermitted(_("Who goes on a visit is said by the manager of the province."), code="not_manager")


def check_may_bring(user: User, team: Collection[User]) -> None:
    """Whoever is no manager goes alone; others are sent by the manager."""
    if user.role != Role.PROVINCIAL_MANAGER and set(team) - {user}:
        raise NotPermitted(_("Who goes on a visit is said by the manager of the province."), code="not_manager")


def check_is_in_team(user: User, visit: Visit) -> None:
    """The statement of interests is made by each member, for nobody else."""
    if user.role != Role.INSPECTOR or (
        visit.inspector_id != user.pk and not visit.members.filter(person=user).exists()
    ):
        raise NotPermitted(_("You are not in the team of this visit."), code="not_in_team")
