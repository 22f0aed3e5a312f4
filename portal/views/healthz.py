"""The door for machines that watch whether the register works. No login, no secret, no personal data."""

from typing import Any

from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from portal.reports.health import Health, health

AVAILABLE, UNAVAILABLE = 200, 503


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """503 only where the database or the broker is down.

    A missed sweep, or letters that do not leave, is "degraded" with 200: who balances the load must not take the
    register away from people because of it; who watches it reads `status`.
    """
    found = health(at=timezone.now())
    content = {
        "status": found.status,
        "database": "ok" if found.database else "down",
        "broker": "ok" if found.broker else "down",
        "last_sweep": _last_sweep(found),
        "letters_overdue_minutes": round(found.letters_overdue.total_seconds() / 60),
    }
    return JsonResponse(content, status=UNAVAILABLE if found.status == "down" else AVAILABLE)


def _last_sweep(found: Health) -> dict[str, Any] | None:
    if found.sweep is None or found.sweep_age is None:
        return None
    return {
        "as_of": found.sweep.as_of,
        "finished_at": found.sweep.finished_at,
        "age_hours": round(found.sweep_age.total_seconds() / 3600, 1),
    }
