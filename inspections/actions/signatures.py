"""Who signs a visit, and under what.

A signature belongs to the content as it stood (its fingerprint): any change afterwards voids it, because only
signatures under the present content count when the visit is handed in.
"""

from datetime import datetime

from django.core.files import File
from django.db import transaction
from django.utils import timezone

from inspections import permissions, policies, rules
from inspections.actions.visits.locking import lock
from inspections.models import Visit, VisitSignature
from inspections.states import SignerKind
from registry.accounts.models import User
from registry.audit.actions import record as record_event
from registry.files import actions as files


@transaction.atomic
def sign_for_facility(
    *,
    visit: Visit,
    name: str,
    position: str = "",
    upload: File | None = None,
    refused_because: str = "",
    by: User,
    at: datetime,
) -> VisitSignature:
    """The responsible person of the facility signs, or refuses with a reason, on the device of the team.

    Takes the place of what the facility gave before. Raises NotPermitted for all but the team, or Refused: the visit
    is locked, not answered in full, or the picture is none.
    """
    visit = lock(visit)
    fingerprint = _ready(visit, by, at)
    policies.check_signed_or_refused(upload, refused_because)
    VisitSignature.objects.filter(visit=visit, kind=SignerKind.RESPONSIBLE).delete()
    signature = VisitSignature.objects.create(
        visit=visit,
        kind=SignerKind.RESPONSIBLE,
        name=name,
        position=position,
        image=files.store(upload=upload, by=by, at=at) if upload else None,
        refused_because=refused_because,
        content_hash=fingerprint,
        signed_at=at,
    )
    verb = "visit.signature_refused" if refused_because else "visit.signed"
    facts = {"kind": SignerKind.RESPONSIBLE, "name": name, "content_hash": fingerprint}
    record_event(verb=verb, subject=visit, by=by, at=at, reason=refused_because, facts=facts)
    return signature


@transaction.atomic
def sign_as_inspector(
    *, visit: Visit, person: User, upload: File, confirmed: bool = False, by: User, at: datetime
) -> VisitSignature:
    """An inspector of the team signs, on the own device or, `confirmed` by the own password, on a colleague's.

    Takes the place of what the same person gave before. Raises NotPermitted for all but the team and for a person
    who has not confirmed, or Refused: not of the team, the visit is locked or not answered in full.
    """
    visit = lock(visit)
    fingerprint = _ready(visit, by, at)
    permissions.check_may_sign_as(by, person, confirmed=confirmed)
    policies.check_is_of_team(visit, person)
    VisitSignature.objects.filter(visit=visit, kind=SignerKind.INSPECTOR, person=person).delete()
    signature = VisitSignature.objects.create(
        visit=visit,
        kind=SignerKind.INSPECTOR,
        person=person,
        name=str(person),
        image=files.store(upload=upload, by=by, at=at),
        content_hash=fingerprint,
        signed_at=at,
    )
    facts = {"kind": SignerKind.INSPECTOR, "name": str(person), "content_hash": fingerprint}
    record_event(verb="visit.signed", subject=visit, by=by, at=at, facts=facts)
    return signature


def _ready(visit: Visit, by: User, at: datetime) -> str:
    """The fingerprint of a visit of which nothing is missing but signatures."""
    permissions.check_may_work_on(by, visit)
    policies.check_can_fill(visit)
    policies.check_can_submit(
        visit,
        structure=rules.structure(visit.checklist_version),
        visited_on=policies.check_is_concluded(visit),
        outcome=visit.outcome,
        licence_seen=visit.licence_seen,
        today=timezone.localdate(at),
    )
    return rules.content_hash(visit, visit.photos.select_related("file"))
