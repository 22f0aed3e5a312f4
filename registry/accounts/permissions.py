from django.utils.translation import gettext as _

from registry.accounts.models import User
from registry.accounts.states import Role
from registry.core.errors import NotPermitted


def check_may_manage_token(by: User | None, user: User) -> None:
    """Everybody manages the own token and nobody another's; `by` is None for the operator of the machine."""
    if by is not None and by != user:
        raise NotPermitted(_("You may only manage your own token."), code="not_your_token")


def check_may_read_people(user: User) -> None:
    if user.role not in (Role.ADMINISTRATOR, Role.AUDITOR):
        raise NotPermitted(_("Only administrators and auditors see the accounts."), code="people_not_permitted")


def check_may_manage_people(by: User | None) -> None:
    """Accounts are the administrators' work; `by` is None for the operator of the machine."""
    if by is not None and not (by.is_active and by.role == Role.ADMINISTRATOR):
        raise NotPermitted(_("Only administrators manage accounts."), code="people_not_permitted")


def check_may_manage_account(by: User | None, role: str) -> None:
    """Accounts of an operator's people are the work of licensing officers too; `by` as above."""
    if role == Role.OPERATOR and by is not None and by.is_active and by.role == Role.LICENSING_OFFICER:
        return
    check_may_manage_people(by)


def check_may_give_role(by: User | None, user: User, role: str) -> None:
    """Nobody changes the own role, so that an administrator always remains."""
    if by == user and role != user.role:
        raise NotPermitted(_("You cannot change your own role."), code="own_role")


def check_may_close(by: User | None, user: User) -> None:
    """Nobody closes the own account, so that an administrator always remains."""
    if by == user:
        raise NotPermitted(_("You cannot close your own account."), code="own_account")
