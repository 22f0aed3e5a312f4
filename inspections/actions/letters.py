"""What people are told of visits and campaigns, in the transaction of the deed."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import QuerySet
from django.urls import reverse

from inspections import policies
from inspections.models import Campaign, Visit
from registry.accounts.models import User
from registry.accounts.states import Role
from registry.outbox import actions as outbox


def chosen(visit: Visit, people: Iterable[User], *, by: User, at: datetime) -> None:
    """To whoever is new in the team of a visit."""
    _tell("visit.assigned", visit, [person for person in people if person != by], at.isoformat(), at=at)


def requested(visit: Visit, *, by: User, at: datetime) -> None:
    """To the managers of the province: somebody else has planned a visit, and they say who goes."""
    _tell("visit.requested", visit, _managers(visit).exclude(pk=by.pk), at.isoformat(), at=at)


def handed_in(visit: Visit, *, at: datetime) -> None:
    """To the managers of the province: a visit waits for approval."""
    _tell("visit.submitted", visit, _managers(visit), str(visit.revision), at=at)


def decided(visit: Visit, *, at: datetime) -> None:
    """To the team: the visit is approved, or returned to be corrected."""
    _tell(f"visit.{visit.state}", visit, policies.team_of(visit), str(visit.revision), at=at)


def launched(campaign: Campaign, *, at: datetime) -> None:
    """To the managers of each province that has a part in the campaign."""
    outbox.post(
        to=User.objects.filter(
            role=Role.PROVINCIAL_MANAGER,
            province__in=campaign.acknowledgements.order_by().values("province"),
            is_active=True,
        ),
        kind="campaign.launched",
        key=f"campaign.launched:{campaign.code}",
        context={"campaign": campaign, "deadline": campaign.deadline},
        link=reverse("campaign-detail", args=[campaign.code]),
        at=at,
    )


def _managers(visit: Visit) -> QuerySet[User]:
    return User.objects.filter(role=Role.PROVINCIAL_MANAGER, province=visit.facility.province_id, is_active=True)


def _tell(kind: str, visit: Visit, people: Iterable[User], deed: str, *, at: datetime) -> None:
    outbox.post(
        to=people,
        kind=kind,
        key=f"{kind}:{visit.uuid}:{deed}",
        context={"day": visit.visited_on or visit.planned_on or "–", "reason": visit.reason},
        link=reverse("visit-detail", args=[visit.uuid]),
        facility=visit.facility,
        at=at,
    )
