"""What the applicant is told, in the transaction of the deed."""

from datetime import datetime
from typing import Any

from django.urls import reverse

from licensing.models import Application
from registry.accounts.models import User
from registry.outbox import actions as outbox


def tell(application: Application, kind: str, *, deed: Any, at: datetime, **context: Any) -> None:
    """To whoever acts for the operator, and to the operator's e-mail. `deed` tells two letters of a kind apart."""
    outbox.post(
        to=User.objects.filter(
            representations__operator=application.operator_id, representations__ended_on=None
        ).distinct(),
        email=application.operator.email,
        kind=kind,
        key=f"{kind}:{application.number}:{deed}",
        context={"number": application.number, **context},
        link=reverse("application-detail", args=[application.number]),
        facility=application.facility,
        at=at,
    )
