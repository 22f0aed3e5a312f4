"""Who records and decides that a facility is inspected again because it asks for it."""

from django.utils.translation import gettext as _

from registry.accounts.models import User
from registry.accounts.states import Role
from registry.core.errors import NotPermitted
from registry.models import Facility


def check_may_request(user: User, facility: Facility) -> None:
    """Record, grant and decline: the manager of the province, or a licensing officer of the ministry."""
    if user.role == Role.LICENSING_OFFICER or (
        user.role == Role.PROVINCIAL_MANAGER and user.province_id == facility.province_id
    ):
        return
    raise NotPermitted(
        _("Requests for re-inspection are kept by the manager of the province and by licensing officers."),
        code="not_keeper_of_requests",
    )
