"""How often somebody without an account may send something."""

import math

import structlog
from django.http import HttpRequest
from redis import RedisError
from rest_framework.throttling import SimpleRateThrottle

log = structlog.get_logger(__name__)


class StrangerThrottle:
    """So many requests from one address, or from all strangers together (`everybody`).

    Without the cache nobody is held up: what people send matters more.
    """

    def __init__(self, scope: str, *, rate: str, everybody: bool = False) -> None:
        self.scope, self.rate, self.everybody = scope, rate, everybody

    def lets_through(self, request: HttpRequest) -> bool:
        return not self.seconds_to_wait(request)

    def seconds_to_wait(self, request: HttpRequest) -> int:
        """0 for whoever is let through now."""
        counter = (_Together if self.everybody else _ByAddress)(self.scope, self.rate)
        try:
            if counter.allow_request(request, None):  # type: ignore[arg-type]
                return 0
        except (RedisError, OSError) as error:
            log.warning("throttle_without_cache", scope=self.scope, error=str(error))
            return 0
        return math.ceil(counter.wait() or 1)


class _ByAddress(SimpleRateThrottle):
    def __init__(self, scope: str, rate: str) -> None:
        self.scope, self.rate = scope, rate
        super().__init__()

    def get_cache_key(self, request: HttpRequest, view: None) -> str:  # type: ignore[override]
        return self.cache_format % {"scope": self.scope, "ident": request.META.get("REMOTE_ADDR", "")}


class _Together(_ByAddress):
    def get_cache_key(self, request: HttpRequest, view: None) -> str:  # type: ignore[override]
        return self.cache_format % {"scope": self.scope, "ident": "everybody"}
