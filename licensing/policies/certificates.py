"""When a certificate is made."""

from django.utils.translation import gettext as _

from licensing.models import Licence
from licensing.states import LicenceState
from registry.core.errors import Refused

CERTIFIABLE = (LicenceState.ISSUED, LicenceState.SUSPENDED)


def check_can_certify(licence: Licence) -> None:
    """Only a licence that was issued and has not ended has a certificate made."""
    if licence.state not in CERTIFIABLE:
        raise Refused(
            _("Licence %(number)s is in the state “%(state)s”, so it gets no certificate.")
            % {"number": licence.number, "state": licence.get_state_display()},
            code="wrong_state",
        )
