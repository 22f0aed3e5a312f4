"""Who may do what with licences and with authorisations for services."""

from typing import Any

from django.utils.translation import gettext as _

from licensing.models import Grant
from licensing.permissions.roles import has_role
from registry.accounts.states import Role
from registry.core.errors import NotPermitted


def check_may_record(user: Any) -> None:
    if not has_role(user, Role.LICENSING_OFFICER):
        raise NotPermitted(_("Only a licensing officer records licences."), code="not_a_licensing_officer")


def check_may_decide(user: Any, grant: Grant) -> None:
    """To approve and to reject, to suspend, to reinstate and to end: never what one recorded oneself."""
    if not has_role(user, Role.APPROVER):
        raise NotPermitted(_("Only an approver decides on licences."), code="not_an_approver")
    if user.pk == grant.recorded_by_id:
        raise NotPermitted(_("You recorded this. Somebody else must decide on it."), code="own_licence")


def check_may_impose(user: Any) -> None:
    """To impose a condition, and to lift one."""
    if not has_role(user, Role.APPROVER):
        raise NotPermitted(_("Only an approver imposes and lifts conditions."), code="not_an_approver")


def check_may_find_met(user: Any) -> None:
    if not has_role(user, Role.LICENSING_OFFICER):
        raise NotPermitted(_("Only a licensing officer finds that a condition is met."), code="not_a_licensing_officer")
