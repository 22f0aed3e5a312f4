"""How often somebody without an account may send something."""

import structlog
from django.http import HttpRequest
from redis import RedisError
from rest_framework.throttling import SimpleRateThrottle

log = structlog.get_logger(__name__)


class StrangerThrottle:
    """So many requests from one address. Without the cache nobody is held up: what people send matters more."""

    def __init__(self, scope: str, *, rate: str) -> None:
        self.scope, self.rate = scope, rate

    def lets_through(self, request: HttpRequest) -> bool:
        try:
            return _ByAddress(self.scope, self.rate).allow_request(request, None)  # type: ignore[arg-type]
        except (RedisError, OSError) as error:
            log.warning("throttle_without_cache", scope=self.scope, error=str(error))
            return True


class _ByAddress(SimpleRateThrottle):
    def __init__(self, scope: str, rate: str) -> None:
        self.scope, self.rate = scope, rate
        super().__init__()

    def get_cache_key(self, request: HttpRequest, view: None) -> str:  # type: ignore[override]
        return self.cache_format % {"scope": self.scope, "ident": request.META.get("REMOTE_ADDR", "")}
