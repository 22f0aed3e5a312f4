"""What people are told of licences and authorisations, in the transaction of the deed."""

from datetime import date, datetime

from django.urls import reverse

from licensing.models import Grant, Licence
from licensing.states import LicenceState
from registry.accounts.models import User
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


def changed(grant: Grant, deed: str, *, day: date, reason: str, at: datetime) -> None:
    """To whoever acts for the operator, and to the operator's e-mail: it is suspended, reinstated or revoked."""
    operator = grant.facility.operator
    if operator is None:
        return
    outbox.post(
        to=User.objects.filter(representations__operator=operator, representations__ended_on=None).distinct(),
        email=operator.email,
        kind=f"grant.{deed}",
        key=f"{grant.noun}.{deed}:{grant.number}:{at.isoformat()}",
        context={"number": grant.number, "day": day, "reason": reason},
        link=reverse(f"{grant.noun}-detail", args=[grant.number]),
        facility=grant.facility,
        at=at,
    )
