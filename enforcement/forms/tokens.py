"""What a form for strangers carries, signed, so that nobody makes one up and nothing about them is kept meanwhile."""

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from django.core import signing
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from registry.core import tracking
from registry.core.errors import Refused
from registry.files.models import StoredFile

FORM, FILES = "complaint", "complaint.files"
FASTEST, OLDEST = timedelta(seconds=3), timedelta(hours=24)


def new_token(at: datetime) -> str:
    return signing.dumps([secrets.token_hex(16), int(at.timestamp())], salt=FORM)


def tracking_code(token: str, at: datetime) -> str:
    """The code that a form of this token leads to: the same one however often it is sent.

    Raises Refused for a token that is forged, was given out a moment ago, or is older than a day.
    """
    try:
        chance, given_at = signing.loads(token, salt=FORM)
    except signing.BadSignature:
        raise Refused(_("This page has lost its beginning. Press the button once more."), code="bad_token") from None
    age = at - datetime.fromtimestamp(given_at, at.tzinfo)
    if age > OLDEST:
        raise Refused(_("This page was open for more than a day. Press the button once more."), code="old_token")
    if age < FASTEST:
        raise Refused(
            _("That was very fast. Read once more what you have written, then press the button."), code="too_fast"
        )
    return tracking.code_of(salted_hmac(FORM, chance, algorithm="sha256").digest())


def names_of_files(files: Collection[StoredFile]) -> str:
    return signing.dumps([file.pk for file in files], salt=FILES) if files else ""


def files_named(text: str) -> list[StoredFile]:
    """The files that came with an earlier page of the same form; none where the text is not one of ours."""
    try:
        keys = signing.loads(text, salt=FILES, max_age=OLDEST) if text else []
    except signing.BadSignature:
        return []
    return list(StoredFile.objects.filter(pk__in=keys).order_by("pk"))
