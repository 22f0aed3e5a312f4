"""What proves a visit: its photos, and who has signed what."""

from dataclasses import dataclass

from inspections import policies, rules
from inspections.models import Visit, VisitPhoto, VisitSignature
from inspections.states import VisitOutcome
from registry.accounts.models import User


@dataclass(frozen=True)
class Signer:
    """One place for a signature: the facility (`person` is None) or an inspector of the team."""

    person: User | None
    signature: VisitSignature | None
    counts: bool

    @property
    def is_void(self) -> bool:
        """Signed, but something was changed afterwards or the visit was returned."""
        return self.signature is not None and not self.counts


def signers(visit: Visit) -> list[Signer]:
    """Who signs a visit, and what they gave: the facility first, then the team. Three queries."""
    given = list(visit.signatures.select_related("image", "person").order_by("pk"))
    if visit.state in policies.FILLABLE:
        fingerprint = rules.content_hash(visit, visit.photos.select_related("file"))
        counting = {signature.pk for signature in policies.standing_signatures(visit, fingerprint)}
    else:
        counting = {signature.pk for signature in given if signature.content_hash == visit.content_hash}
    by_person = {signature.person_id: signature for signature in given}
    if visit.outcome and visit.outcome != VisitOutcome.COMPLETED:
        return []
    places: list[User | None] = [None, *policies.team_of(visit)]
    found = [(person, by_person.get(person.pk if person else None)) for person in places]
    return [Signer(person, signature, bool(signature and signature.pk in counting)) for person, signature in found]


def photos_by_item(visit: Visit) -> dict[str, list[VisitPhoto]]:
    """The photos of a visit by the key of their item ("" for the visit as a whole), oldest first. One query."""
    found: dict[str, list[VisitPhoto]] = {}
    for photo in visit.photos.select_related("file", "added_by").order_by("pk"):
        photo.visit = visit
        found.setdefault(photo.item_code, []).append(photo)
    return found
