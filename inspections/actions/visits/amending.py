"""An approved visit is never changed: a new one takes its place."""

from datetime import datetime
from uuid import uuid4

from django.db import transaction
from django.utils import timezone

from inspections import permissions, policies
from inspections.actions.visits.locking import lock
from inspections.models import Visit, VisitMember, VisitPhoto
from inspections.states import VisitState
from registry.accounts.models import User
from registry.audit.actions import record as record_event
from registry.core.errors import passes
from registry.models import Facility

KEPT = (
    "facility_id", "purpose", "campaign_id", "announced", "checklist_version_id", "ruleset_id", "inspector_id",
    "planned_on", "visited_on", "started_at", "arrived_at", "latitude", "longitude", "accuracy_m", "distance_m",
    "facility_type", "facility_level", "services", "licence_seen", "answers", "carried", "outcome", "note",
)  # fmt: skip


@transaction.atomic
def amend(*, visit: Visit, reason: str, by: User, at: datetime) -> Visit:
    """Begin an amendment and return it: a visit with the same answers, team and photos, open for correction.

    The old visit counts until the amendment is approved; then it is replaced and kept. Raises NotPermitted for all
    but its inspector and those who decide, or Refused: not approved, imported, being amended already, another visit
    of the facility in progress, or its inspector gone or with an interest now. Other members who have gone stay away.
    """
    Facility.objects.select_for_update(no_key=True).get(pk=visit.facility_id)
    visit = lock(visit)
    permissions.check_may_amend(by, visit)
    policies.check_can_amend(visit)
    policies.check_reason(reason)
    policies.check_team_is_fit(policies.team_of(visit)[:1], visit.facility, None, timezone.localdate(at))
    amendment = Visit.objects.create(
        uuid=uuid4(),
        amends=visit,
        note_of_amendment=reason.strip(),
        state=VisitState.IN_PROGRESS,
        created_at=at,
        **{field: getattr(visit, field) for field in KEPT},
    )
    VisitMember.objects.bulk_create(
        VisitMember(visit=amendment, person_id=member.person_id, sections=member.sections, stated_at=member.stated_at)
        for member in _who_can_still_go(visit)
    )
    photos = list(visit.photos.order_by("pk"))
    for photo in photos:
        photo.pk, photo.visit = None, amendment
    VisitPhoto.objects.bulk_create(photos)
    facts = {"amendment": amendment.number}
    record_event(verb="visit.amendment_begun", subject=visit, by=by, at=at, reason=reason, facts=facts)
    return amendment


def _who_can_still_go(visit: Visit) -> list[VisitMember]:
    members = list(visit.members.select_related("person").order_by("pk"))
    facility, version, day = visit.facility, visit.checklist_version, visit.planned_on or visit.visited_on
    fitness = policies.fitness_of([member.person for member in members], facility, version, day) if day else {}
    return [
        member
        for member in members
        if day and passes(policies.check_fit_for_team, fitness[member.person], facility, version, day)
    ]
