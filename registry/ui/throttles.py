"""How often somebody without an account may send something."""

import math
import time

import structlog
from django.core.cache import cache
from django.http import HttpRequest
from redis import RedisError

SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}

log = structlog.get_logger(__name__)


class StrangerThrottle:
    """So many requests from one address, or from all strangers together (`everybody`), counted anew each full period.

    `rate` is a number, a slash and a second, minute, hour or day. Without the cache nobody is held up: what people send
    matters more.
    """

    def __init__(self, scope: str, *, rate: str, everybody: bool = False) -> None:
        self.scope, self.everybody = scope, everybody
        most, _, period = rate.partition("/")
        self.most, self.period = int(most), SECONDS[period[0]]

    def lets_through(self, request: HttpRequest) -> bool:
        return not self.seconds_to_wait(request)

    def seconds_to_wait(self, request: HttpRequest) -> int:
        """0 for whoever is let through now."""
        now = time.time()
        whoever = "everybody" if self.everybody else request.META.get("REMOTE_ADDR", "")
        try:
            asked = self._count(f"throttle-{self.scope}-{whoever}-{now // self.period:.0f}")
        except (RedisError, OSError) as error:
            log.warning("throttle_without_cache", scope=self.scope, error=str(error))
            return 0
        return 0 if asked <= self.most else math.ceil(self.period - now % self.period) or 1

    def _count(self, key: str) -> int:
        try:
            return cache.incr(key)
        except ValueError:  # the first of this period, or two firsts at once
            cache.add(key, 0, self.period)
            return cache.incr(key)
