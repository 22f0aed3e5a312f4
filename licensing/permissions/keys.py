"""Who keeps the keys that sign certificates."""

from typing import Any

from django.utils.translation import gettext as _

from licensing.permissions.roles import has_role
from registry.accounts.states import Role
from registry.core.errors import NotPermitted


def check_may_keep_keys(user: Any) -> None:
    """To make, rotate and revoke the keys that sign certificates."""
    if not has_role(user, Role.ADMINISTRATOR):
        raise NotPermitted(_("Only an administrator keeps the signing keys."), code="not_an_administrator")


def check_may_see_keys(user: Any) -> None:
    """Their numbers and lives; the private halves nobody sees."""
    if not (has_role(user, Role.ADMINISTRATOR) or has_role(user, Role.AUDITOR)):
        raise NotPermitted(_("Only administrators and auditors see the signing keys."), code="not_an_administrator")
