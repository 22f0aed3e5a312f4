"""Pictures taken on a visit."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from django.core.files import File
from django.db import transaction
from django.utils import timezone

from inspections import permissions, policies, rules
from inspections.actions.visits.filling import save_draft
from inspections.actions.visits.locking import lock
from inspections.models import ChecklistItem, Visit, VisitPhoto
from inspections.states import AnswerKind
from registry.accounts.models import User
from registry.audit.actions import record as record_event
from registry.files import actions as files
from registry.files.rules import Taken, taken


@transaction.atomic
def add(
    *,
    visit: Visit,
    upload: File,
    item_code: str = "",
    caption: str = "",
    taken_at: datetime | None = None,
    place: tuple[Decimal, Decimal] | None = None,
    sha256: str = "",
    by: User,
    at: datetime,
) -> VisitPhoto:
    """A picture of an item, or of the visit as a whole, is kept with when and where it was taken.

    What the sender does not say of time and place is read from the picture itself. `sha256` is the fingerprint that
    the sender computed; the same picture of the same item is kept once. Raises NotPermitted for all but the team,
    and Refused: the visit is locked, there is no such item, or the file is none that is kept.
    """
    visit = lock(visit)
    permissions.check_may_work_on(by, visit)
    policies.check_can_fill(visit)
    items = _items(visit)
    policies.check_has_item(items, item_code)
    policies.check_has_room(visit.photos.count())
    file = files.store(upload=upload, sha256=sha256, by=by, at=at)
    noted = Taken()
    if taken_at is None or place is None:
        with files.place_of(file.sha256).open("rb") as content:
            noted = taken(content.read(), timezone.get_default_timezone())
    latitude, longitude = place or (_degrees(noted.latitude), _degrees(noted.longitude))
    photo, is_new = VisitPhoto.objects.get_or_create(
        visit=visit,
        item_code=item_code,
        file=file,
        defaults={
            "caption": caption,
            "taken_at": taken_at or noted.at,
            "latitude": latitude,
            "longitude": longitude,
            "added_at": at,
            "added_by": by,
        },
    )
    if is_new:
        facts = {"item": item_code, "sha256": file.sha256}
        record_event(verb="visit.photo_added", subject=visit, by=by, at=at, facts=facts)
        _count(visit, items.get(item_code), item_code, by, at)
    return photo


@transaction.atomic
def remove(*, photo: VisitPhoto, by: User, at: datetime) -> None:
    """The picture no longer belongs to its visit; its bytes and its history stay. Raises NotPermitted or Refused."""
    visit = lock(photo.visit)
    permissions.check_may_work_on(by, visit)
    policies.check_can_fill(visit)
    item_code, sha256 = photo.item_code, photo.file.sha256
    photo.delete()
    facts = {"item": item_code, "sha256": sha256}
    record_event(verb="visit.photo_removed", subject=visit, by=by, at=at, facts=facts)
    _count(visit, _items(visit).get(item_code), item_code, by, at)


def _count(visit: Visit, item: ChecklistItem | None, key: str, by: User, at: datetime) -> None:
    """The answer to an item that asks for photos is how many there are."""
    if item is None or item.kind != AnswerKind.PHOTO:
        return
    count = visit.photos.filter(item_code=key).count()
    given = {name: text for name, text in visit.answers.get(key, {}).items() if name != "value"}
    answer = given | ({"value": str(count)} if count else {})
    save_draft(visit=visit, answers={key: answer}, revision=visit.revision, by=by, at=at)


def _items(visit: Visit) -> Mapping[str, ChecklistItem]:
    structure = rules.structure(visit.checklist_version)
    return {rules.key(section, item): item for section, items in structure for item in items}


def _degrees(value: float | None) -> Decimal | None:
    return None if value is None else round(Decimal(value), 6)
