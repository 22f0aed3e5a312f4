from django.db import models
from django.utils.translation import gettext_lazy as _


class LicenceState(models.TextChoices):
    RECORDED = "recorded", _("Waiting for approval")
    ISSUED = "issued", _("Issued")
    REJECTED = "rejected", _("Rejected")
    REVOKED = "revoked", _("Revoked")
    SURRENDERED = "surrendered", _("Surrendered")


LICENCE_TRANSITIONS: dict[str, tuple[str, ...]] = {
    LicenceState.RECORDED: (LicenceState.ISSUED, LicenceState.REJECTED),
    LicenceState.ISSUED: (LicenceState.REVOKED, LicenceState.SURRENDERED),
    LicenceState.REJECTED: (),
    LicenceState.REVOKED: (),
    LicenceState.SURRENDERED: (),
}

ONCE_IN_FORCE = (LicenceState.ISSUED, LicenceState.REVOKED, LicenceState.SURRENDERED)
"""States of licences that were in force for a while, up to their last day."""
