"""The status list as it is handed out, signed and kept for a few minutes."""

from datetime import datetime

import structlog
from django.core.cache import cache
from redis import RedisError

from licensing.actions.signing_keys import usable_key
from licensing.reports.verification import exceptions
from licensing.rules import status
from licensing.rules.signing import Purpose, sign

KEPT = 300
"""Seconds for which one list is handed out, and may be kept on the way."""

log = structlog.get_logger(__name__)


def signed(*, at: datetime) -> bytes | None:
    """The list, at most `KEPT` seconds old, signed with the key that signs certificates now; None without a key."""
    usable = usable_key(at)
    if usable is None:
        return None
    key, private = usable
    name = f"licence-status-{key.number}"
    try:
        kept: bytes | None = cache.get(name)
    except (RedisError, OSError) as error:
        log.warning("status_list_without_cache", error=str(error))
        return sign(status.written(exceptions(at=at), at=at), key=private, purpose=Purpose.STATUS)
    if kept is None:
        kept = sign(status.written(exceptions(at=at), at=at), key=private, purpose=Purpose.STATUS)
        cache.set(name, kept, KEPT)
    return kept
