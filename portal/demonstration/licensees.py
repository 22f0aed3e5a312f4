"""What operators apply for: one in an own account, with a draft, and others on paper, waiting for the desk."""

from datetime import date, datetime

from licensing.actions.applications import drafting, handing_in
from licensing.models import Licence
from licensing.rules.proposals import fingerprint
from licensing.states import ApplicationKind
from portal.demonstration.people import People
from registry.actions import representatives

ON_PAPER = 6


def apply(people: People, *, today: date, at: datetime) -> int:
    """How many applications there are now: a draft of a renewal in the operator's account, and changes on paper."""
    person, officer = people["operator"], people["officer"]
    licences = Licence.objects.filter(facility__operator__isnull=False).select_related("facility__operator")
    own = licences.renewable(today).filter(valid_until__gte=today).order_by("valid_until", "pk").first()
    if own is not None:
        operator = own.facility.operator
        representatives.appoint(operator=operator, person=person, by=officer, at=at)
        drafting.begin(kind=ApplicationKind.RENEWAL, operator=operator, licence=own, by=person, at=at)
    in_force = licences.in_force(today).filter(valid_until__gt=today).order_by("-valid_until", "pk")[:ON_PAPER]
    for licence in in_force:
        application = drafting.begin(
            kind=ApplicationKind.VARIATION, operator=licence.facility.operator, licence=licence, by=officer, at=at
        )
        application = drafting.propose(
            application=application,
            proposal={"opening_hours": "07:00–19:00"},
            seen=fingerprint({}),
            by=officer,
            at=at,
        )
        handing_in.hand_in(
            application=application,
            revision=application.revision,
            declared_by_name=str(licence.facility.operator),
            by=officer,
            at=at,
        )
    return len(in_force) + (own is not None)
