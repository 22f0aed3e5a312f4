"""Who may do what with licences."""

from typing import Any

from django.utils.translation import gettext as _

from licensing.models import Licence
from licensing.permissions.roles import has_role
from registry.accounts.states import Role
from registry.core.errors import NotPermitted


def check_may_record(user: Any) -> None:
    if not has_role(user, Role.LICENSING_OFFICER):
        raise NotPermitted(_("Only a licensing officer records licences."), code="not_a_licensing_officer")


def check_may_decide(user: Any, licence: Licence) -> None:
    """To approve or to reject: never one's own record."""
    if not has_role(user, Role.APPROVER):
        raise NotPermitted(_("Only an approver decides on licences."), code="not_an_approver")
    if user.pk == licence.recorded_by_id:
        raise NotPermitted(_("You recorded this licence. Somebody else must decide on it."), code="own_licence")


def check_may_end(user: Any) -> None:
    """To revoke, or to take note that the licence was given back."""
    if not has_role(user, Role.APPROVER):
        raise NotPermitted(_("Only an approver ends licences."), code="not_an_approver")
