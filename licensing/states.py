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


class LicencePhase(models.TextChoices):
    """What a licence is on one day, read off its state and its dates; never stored."""

    RECORDED = "recorded", _("Waiting for approval")
    UPCOMING = "upcoming", _("Not yet in force")
    IN_FORCE = "in_force", _("In force")
    EXPIRED = "expired", _("Expired")
    REJECTED = "rejected", _("Rejected")
    REVOKED = "revoked", _("Revoked")
    SURRENDERED = "surrendered", _("Surrendered")


EVENTS = {
    "licence.recorded": _("Licence recorded"),
    "licence.approved": _("Licence approved"),
    "licence.rejected": _("Licence rejected"),
    "licence.revoked": _("Licence revoked"),
    "licence.surrendered": _("Licence given back"),
    "licence_type.created": _("Licence type added"),
}
"""What the events of this floor are called."""
