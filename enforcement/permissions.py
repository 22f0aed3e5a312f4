from typing import Any

from django.utils.translation import gettext as _

from registry.accounts.states import Role
from registry.core.errors import NotPermitted

MAY_SWEEP = (Role.ENFORCEMENT_OFFICER, Role.ADMINISTRATOR)


def may_sweep(user: Any) -> bool:
    return user.is_active and user.role in MAY_SWEEP


def check_may_sweep(user: Any) -> None:
    """Starting a sweep by hand is for those who work its flags and those who run the register."""
    if not may_sweep(user):
        raise NotPermitted(_("Only enforcement officers and administrators start a sweep."), code="may_not_sweep")
