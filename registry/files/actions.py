"""Files come in, once and for ever.

The bytes are kept exactly as they came, because their fingerprint is evidence. They lie under MEDIA_ROOT in a place
that follows from the fingerprint alone, never from a name that somebody typed.
"""

import os
from collections.abc import Collection
from datetime import datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from django.conf import settings
from django.core.files import File

from registry.files import policies, rules
from registry.files.models import StoredFile
from registry.files.states import PICTURES, FileKind

SMALL = 320
"""The longer side of a small picture, in pixels."""


def store(
    *, upload: File, kinds: Collection[FileKind] = PICTURES, sha256: str = "", by: Any = None, at: datetime
) -> StoredFile:
    """Keep a file and return it; the same bytes are kept once, whoever sends them.

    `sha256` is the fingerprint that the sender computed, where it could. `by` is None for somebody without an
    account. The bytes are on the disk before the row is written, so that no row is without its bytes. Raises Refused
    for what is empty, too large, of another kind than `kinds`, damaged or dangerous; nothing is kept of it then.
    """
    policies.check_size(upload.size)
    upload.seek(0)
    content = upload.read(policies.LARGEST + 1)
    policies.check_size(len(content))
    policies.check_arrived_whole(content, sha256)
    kind = policies.check_kind(rules.kind_of(content), kinds)
    size = policies.check_content(content, kind)
    fingerprint = rules.fingerprint(content)
    if not place_of(fingerprint).exists():
        write(place_of(fingerprint), content)
    width, height = size or (None, None)
    row = StoredFile(
        sha256=fingerprint,
        content_type=kind,
        size=len(content),
        name=rules.spoken_name(upload.name or ""),
        width=width,
        height=height,
        stored_at=at,
        stored_by=by,
    )
    StoredFile.objects.bulk_create([row], ignore_conflicts=True)
    return StoredFile.objects.get(sha256=fingerprint)


def place_of(sha256: str, variant: str = "") -> Path:
    """Where the bytes of this fingerprint lie, or a picture made from them."""
    return Path(settings.MEDIA_ROOT) / sha256[:2] / sha256[2:4] / f"{sha256}{variant}"


def small_picture(file: StoredFile) -> Path:
    """Where a small JPEG of a picture lies; it is made when it is first asked for."""
    place = place_of(file.sha256, f".{SMALL}")
    if not place.exists():
        with place_of(file.sha256).open("rb") as content:
            write(place, rules.smaller(content, SMALL))
    return place


def write(place: Path, content: bytes) -> None:
    """The whole file is in its place, or nothing is, also when the power fails."""
    place.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=place.parent, prefix=".", delete=False) as unfinished:
        try:
            unfinished.write(content)
            unfinished.flush()
            os.fsync(unfinished.fileno())
            Path(unfinished.name).replace(place)
        except BaseException:
            Path(unfinished.name).unlink(missing_ok=True)
            raise
    folder = os.open(place.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
