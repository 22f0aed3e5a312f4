"""What people are told of licences, in the transaction of the deed."""

from datetime import datetime

from django.urls import reverse

from licensing.models import Licence
from licensing.states import LicenceState
from registry.outbox import actions as outbox


def decided(licence: Licence, *, at: datetime) -> None:
    """To whoever recorded the licence: it is approved or rejected."""
    outbox.post(
        to=licence.recorded_by,
        kind="licence.rejected" if licence.state == LicenceState.REJECTED else "licence.approved",
        key=f"licence.decided:{licence.number}",
        context={"number": licence.number, "reason": licence.reason},
        link=reverse("licence-detail", args=[licence.number]),
        facility=licence.facility,
        at=at,
    )
