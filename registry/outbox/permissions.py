from typing import Any

from django.utils.translation import gettext as _

from registry.accounts.states import Role
from registry.core.errors import NotPermitted


def check_may_see_letters(user: Any) -> None:
    if not (user.is_active and user.role in (Role.ADMINISTRATOR, Role.AUDITOR)):
        raise NotPermitted(_("Only administrators and auditors see the letters."), code="letters_not_permitted")


def check_may_send_again(user: Any) -> None:
    if not (user.is_active and user.role == Role.ADMINISTRATOR):
        raise NotPermitted(_("Only administrators send letters again."), code="not_an_administrator")
