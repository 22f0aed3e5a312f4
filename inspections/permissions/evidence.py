"""Who may sign, and who may have a visit amended."""

from django.utils.translation import gettext as _

from inspections.models import Visit
from inspections.permissions.visits import check_may_decide, check_may_lead
from registry.accounts.models import User
from registry.core.errors import NotPermitted, passes


def check_may_sign_as(user: User, person: User, *, confirmed: bool) -> None:
    """Everybody signs for themselves: signed in, or on a colleague's device with the own password (`confirmed`)."""
    if person != user and not confirmed:
        raise NotPermitted(
            _("%(person)s signs with the own password, or on the own device.") % {"person": person},
            code="signs_as_another",
        )


def check_may_amend(user: User, visit: Visit) -> None:
    """The inspector who led the visit, or whoever decides about visits here."""
    if not passes(check_may_lead, user, visit):
        check_may_decide(user, visit)
