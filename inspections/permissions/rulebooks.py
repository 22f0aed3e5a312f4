"""Who keeps checklists and rulesets. `None` is the operator of the machine, who may all of it."""

from django.utils.translation import gettext as _

from inspections.models import Checklist
from inspections.states import VersionState
from registry.accounts.models import User
from registry.accounts.states import Role
from registry.core.errors import NotPermitted

DRAFTERS = (Role.ADMINISTRATOR, Role.LICENSING_OFFICER)
PUBLISHERS = (Role.ADMINISTRATOR, Role.APPROVER)


def check_may_draft(user: User | None) -> None:
    """Write and change what is not yet published."""
    if user is not None and user.role not in DRAFTERS:
        raise NotPermitted(
            _("Checklists and rulesets are drafted by administrators and licensing officers."), code="not_drafter"
        )


def check_may_publish(user: User | None) -> None:
    """Publish and retire, and change what visits already go by."""
    if user is not None and user.role not in PUBLISHERS:
        raise NotPermitted(
            _("Checklists and rulesets are published by administrators and approvers."), code="not_publisher"
        )


def check_may_describe(user: User | None, checklist: Checklist) -> None:
    """Change the names, facility types and ruleset of a checklist: where visits go by it, whoever may publish."""
    if checklist.versions.exclude(state=VersionState.DRAFT).exists():
        check_may_publish(user)
    else:
        check_may_draft(user)


def check_may_keep_rulebooks(user: User | None) -> None:
    """Load and publish checklists and rulesets: administrators, or the operator of the machine (None)."""
    if user is not None and user.role != Role.ADMINISTRATOR:
        raise NotPermitted(_("Checklists and rulesets are kept by administrators."), code="not_administrator")
