"""What a visit needs before it leaves the inspector's hands, and how it is mended afterwards."""

from collections.abc import Collection, Sequence
from datetime import date

from django.utils.translation import gettext as _

from inspections.models import Visit, VisitSignature
from inspections.policies.visits import check_can_move
from inspections.states import SignerKind, VisitOutcome, VisitState
from registry.accounts.models import User
from registry.accounts.states import Role
from registry.core.errors import Refused

MOST_PHOTOS = 200
HANDED_IN = (VisitState.SUBMITTED, VisitState.APPROVED, VisitState.SUPERSEDED)


def team_of(visit: Visit) -> list[User]:
    """Whoever leads the visit, then the other members. One query."""
    members = [member.person for member in visit.members.select_related("person").order_by("pk")]
    lead = [visit.inspector] if visit.inspector else []
    return lead + [person for person in members if person not in lead]


def check_has_item(keys: Collection[str], item_code: str) -> None:
    """A photo shows the visit as a whole (no item) or an item of its checklist."""
    if item_code and item_code not in keys:
        raise Refused(_("The checklist has no item “%(item)s”.") % {"item": item_code}, code="unknown_item")


def check_has_room(count: int) -> None:
    if count >= MOST_PHOTOS:
        raise Refused(
            _("A visit keeps at most %(most)s photos. Remove one first.") % {"most": MOST_PHOTOS},
            code="too_many_photos",
        )


def check_is_concluded(visit: Visit) -> date:
    """It is said how the visit ended, and when: on the day returned."""
    if not visit.outcome or visit.visited_on is None:
        raise Refused(_("First check the answers and say how the visit ended."), code="not_concluded")
    return visit.visited_on


def check_can_conclude(outcome: str, visited_on: date, today: date) -> None:
    if outcome not in VisitOutcome.values:
        raise Refused(_("Say how the visit ended."), code="no_outcome")
    if visited_on > today:
        raise Refused(_("The day of the visit is not yet over: it cannot lie ahead."), code="visited_in_the_future")


def check_says_why(outcome: str, note: str) -> None:
    """A visit that failed tells what happened at the door."""
    if outcome != VisitOutcome.COMPLETED and not note.strip():
        raise Refused(_("Write in the remarks what happened."), code="no_note")


def check_is_of_team(visit: Visit, person: User) -> None:
    if person not in team_of(visit):
        raise Refused(_("%(person)s is not in the team of this visit.") % {"person": person}, code="not_in_the_team")


def standing_signatures(visit: Visit, fingerprint: str) -> list[VisitSignature]:
    """The signatures that count: under this very content, and given since the visit was last returned. One query."""
    under = visit.signatures.filter(content_hash=fingerprint)
    if visit.decided_at:
        under = under.filter(signed_at__gte=visit.decided_at)
    return list(under.select_related("image").order_by("-kind", "pk"))


def check_is_signed(visit: Visit, fingerprint: str) -> None:
    """A completed visit is signed by every inspector of its team, and by the facility or with its reason not to."""
    if visit.outcome != VisitOutcome.COMPLETED:
        return
    given = standing_signatures(visit, fingerprint)
    if not any(signature.kind == SignerKind.RESPONSIBLE for signature in given):
        raise Refused(
            _("The responsible person of the facility has neither signed nor refused to sign what is now answered."),
            code="facility_has_not_signed",
        )
    signed = {signature.person_id for signature in given}
    if missing := [person for person in team_of(visit) if person.pk not in signed]:
        raise Refused(
            _("Not yet signed by %(people)s.") % {"people": names(missing)}, code="inspectors_have_not_signed"
        )


def names(people: Sequence[User]) -> str:
    return ", ".join(map(str, people))


def check_can_amend(visit: Visit) -> None:
    """Only what is approved, was entered here and is not being amended already; its inspector leads the amendment."""
    check_can_move(visit, VisitState.SUPERSEDED)
    if visit.source:
        raise Refused(_("An imported visit is corrected where it comes from."), code="imported")
    if visit.amendments.exclude(state=VisitState.CANCELLED).exists():
        raise Refused(_("This visit is being amended already."), code="amended_already")
    if Visit.objects.filter(facility=visit.facility_id, state=VisitState.IN_PROGRESS).exists():
        raise Refused(_("A visit to this facility is in progress. Finish it first."), code="visit_in_progress")
    lead = visit.inspector
    if lead is None or not lead.is_active or lead.role != Role.INSPECTOR:
        raise Refused(_("The inspector who led this visit no longer works here."), code="inspector_gone")
    if lead.province_id != visit.facility.province_id:
        raise Refused(_("The inspector who led this visit now works in another province."), code="inspector_gone")


def check_signed_or_refused(picture: object, refused_because: str) -> None:
    if bool(picture) == bool(refused_because.strip()):
        raise Refused(_("Sign, or say why the signature is refused."), code="signed_or_refused")


def check_is_handed_in(visit: Visit) -> None:
    if visit.submitted_at is None or visit.state not in HANDED_IN:
        raise Refused(_("There is a receipt once the visit is handed in."), code="not_handed_in")
