"""Who keeps checklists and rulesets."""

from django.utils.translation import gettext as _

from registry.accounts.models import User
from registry.accounts.states import Role
from registry.core.errors import NotPermitted


def check_may_keep_rulebooks(user: User | None) -> None:
    """Load and publish checklists and rulesets: administrators, or the operator of the machine (None)."""
    if user is not None and user.role != Role.ADMINISTRATOR:
        raise NotPermitted(_("Checklists and rulesets are kept by administrators."), code="not_administrator")
