"""What news from the register means for inspections."""

from datetime import datetime
from typing import Any

from django.dispatch import receiver

from inspections.actions import visits
from registry.accounts.models import User
from registry.events import facility_status_changed, interest_declared
from registry.models import Facility


@receiver(facility_status_changed)
def follow_the_facility(facility: Facility, at: datetime, **_signal: Any) -> None:
    """Visits to a closed facility are cancelled; of one that opens again the next is planned."""
    visits.plan_next(facility_ids=[facility.pk], at=at)


@receiver(interest_declared)
def leave_teams(person: User, at: datetime, **_signal: Any) -> None:
    visits.leave(person=person, at=at)
