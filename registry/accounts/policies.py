from django.utils.translation import gettext as _

from registry.accounts.models import User
from registry.accounts.states import PROVINCIAL_ROLES, Role
from registry.areas.models import Area
from registry.core.errors import Refused


def check_can_be_called(username: str) -> None:
    """A user name stands in the history for ever: no two people share one, whatever the case of its letters."""
    if User.objects.filter(username__iexact=username).exists():
        raise Refused(_("Somebody else has this user name."), code="username_taken")


def check_can_hold(role: str, province: Area | None) -> None:
    if (role in PROVINCIAL_ROLES) != (province is not None):
        raise Refused(
            _("Inspectors and provincial managers have a province, and nobody else."), code="province_of_role"
        )


def check_can_become(user: User, role: str) -> None:
    """Nobody changes sides within one account: the history of an account is that of one kind of person."""
    if (user.role == Role.OPERATOR) != (role == Role.OPERATOR):
        raise Refused(
            _("An account is either of the staff or of an operator's people, and stays so."), code="changes_sides"
        )


def check_can_close(user: User) -> None:
    if not user.is_active:
        raise Refused(_("This account is closed already."), code="account_closed")


def check_can_reopen(user: User) -> None:
    if user.is_active:
        raise Refused(_("This account is open."), code="account_open")


def check_can_renew_password(user: User) -> None:
    if not user.is_active:
        raise Refused(_("This account is closed."), code="account_closed")
