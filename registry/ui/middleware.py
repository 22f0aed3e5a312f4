"""What every request passes: who really asks, and refusals from the actions becoming pages."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from registry.core.errors import NotPermitted, Refusal


class ProxyMiddleware:
    """Behind a proxy the address of whoever asks is what the proxy itself added last to X-Forwarded-For.

    Entries before it are whatever the client wrote. Only for an installation that cannot be reached but by its proxy.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        *_, added_last = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
        if added_last.strip():
            request.META["REMOTE_ADDR"] = added_last.strip()
        return self.get_response(request)


class RefusalMiddleware:
    """`NotPermitted` is answered with the 403 page and `Refused` with the 409 page; the API answers for itself."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, Refusal) or request.path.startswith("/api/"):
            return None
        return render(request, f"{(status := status_of(exception))}.html", {"exception": exception}, status=status)


def status_of(refusal: Refusal) -> int:
    return 403 if isinstance(refusal, NotPermitted) else 409
