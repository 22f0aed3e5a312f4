"""What people sign: everything that was answered on a visit, as one number."""

import hashlib
import json
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from inspections.models import Visit, VisitPhoto


def content_hash(visit: Visit, photos: Iterable[VisitPhoto]) -> str:
    """SHA-256 in hexadecimal of the visit's content: JSON in UTF-8, keys in order, without spaces.

    In it are who and what was visited, by which edition of the checklist and the ruleset, all answers, how the visit
    ended, and the fingerprint of every photo. Whatever of it changes makes another number. The rows of `photos` have
    their files loaded; their order does not matter.
    """
    edition = visit.checklist_version
    content = {
        "visit": visit.uuid,
        "amends": visit.amends.uuid if visit.amends else None,
        "facility": visit.facility.number,
        "facility_type": visit.facility_type,
        "facility_level": visit.facility_level,
        "checklist": f"{edition.checklist.code} {edition.number}" if edition else None,
        "ruleset": f"{visit.ruleset.code} {visit.ruleset.number}",
        "purpose": visit.purpose,
        "started_at": visit.started_at,
        "arrived_at": visit.arrived_at,
        "place": [visit.latitude, visit.longitude, visit.accuracy_m],
        "visited_on": visit.visited_on,
        "outcome": visit.outcome,
        "licence_seen": visit.licence_seen,
        "services": sorted(visit.services),
        "answers": visit.answers,
        "carried": visit.carried,
        "note": visit.note,
        "photos": sorted(
            (photo.item_code, photo.file.sha256, photo.caption, *map(_plain, (photo.taken_at, *_place(photo))))
            for photo in photos
        ),
    }
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_plain)
    return hashlib.sha256(text.encode()).hexdigest()


def _place(photo: VisitPhoto) -> tuple[Decimal | None, Decimal | None]:
    return photo.latitude, photo.longitude


def _plain(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return value.isoformat() if isinstance(value, (date, datetime)) else str(value)
