"""What anybody may ask about a certificate: without an account, a cookie or a script."""

import base64
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.dates import MONTHS
from django.views.decorators.http import require_safe

from licensing.models import LicenceType, SigningKey
from licensing.reports import status_list, verification
from licensing.rules.payload import PREFIX
from licensing.states import Verdict
from registry.models import Service
from registry.ui.throttles import StrangerThrottle

View = Callable[..., HttpResponse]
throttle = StrangerThrottle("verification", rate=settings.VERIFICATION_RATE)


def public(view: View) -> View:
    """In the language that `?language=` names, so many times a minute, and never kept by anybody on the way."""

    @require_safe
    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if (named := request.GET.get("language")) in dict(settings.LANGUAGES):
            translation.activate(named)
        if seconds := throttle.seconds_to_wait(request):
            response = _page(request, "verify_wait", status=429)
            response["Retry-After"] = str(seconds)
        else:
            response = view(request, *args, **kwargs)
        patch_cache_control(response, private=True, no_cache=True)
        patch_vary_headers(response, ["Cookie"])  # which may name the language
        response["X-Robots-Tag"] = "noindex"
        response["Content-Language"] = translation.get_language() or ""
        return response

    return answer


@public
def ask(request: HttpRequest) -> HttpResponse:
    """Takes a licence number, a serial number or the text of a QR code."""
    text = request.GET.get("q", "").lstrip()
    if text.upper().startswith(PREFIX):
        return _answer(request, verification.of_text(text, on=timezone.localdate()))
    if text.strip():
        serial = verification.serial_meant(text) or verification.serial_of_licence(text)
        if serial:
            return redirect("verify", serial=serial)
        return _page(request, "verify_ask", {"asked": text.strip()}, status=404)
    return _page(request, "verify_ask")


@public
def certificate(request: HttpRequest, serial: str) -> HttpResponse:
    """The address that is printed on the certificate."""
    found = verification.of_serial(verification.serial_written(serial), on=timezone.localdate())
    if found is None:
        return _page(request, "verify_ask", {"asked": serial}, status=404)
    return _answer(request, found)


@public
def offline(request: HttpRequest) -> HttpResponse:
    """The page that checks by itself, with a camera or from a picture, also without a network."""
    return _page(request, "verify_offline", {"verdicts": Verdict, "months": list(MONTHS.values())})


@require_safe
def licence_status(request: HttpRequest) -> HttpResponse:
    """The signed list of certificates that do not hold, as COSE_Sign1; 503 where no key can sign."""
    signed = status_list.signed(at=timezone.now())
    if signed is None:
        return HttpResponse(status=503)
    response = HttpResponse(signed, content_type="application/cose; cose-type=cose-sign1")
    patch_cache_control(response, public=True, max_age=status_list.KEPT)
    return response


@require_safe
def licence_keys(request: HttpRequest) -> JsonResponse:
    """The public keys whose signatures count (RFC 7517, 8037), and what the codes in certificates mean."""
    names = {
        "services": _names(Service.objects.all()),
        "licence_types": _names(LicenceType.objects.all()),
    }
    response = JsonResponse({"keys": [_jwk(key) for key in SigningKey.objects.trusted().order_by("pk")], **names})
    patch_cache_control(response, public=True, max_age=status_list.KEPT)
    return response


@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The script that keeps the offline check on the machine; it reaches no further than that page."""
    response = render(request, "licensing/verify_worker.js", content_type="text/javascript")
    patch_cache_control(response, private=True, no_cache=True)
    return response


def _answer(request: HttpRequest, found: verification.Verification) -> HttpResponse:
    return _page(request, "verify_answer", {"found": found, "as_of": timezone.now(), "Verdict": Verdict})


def _page(request: HttpRequest, name: str, context: dict[str, Any] | None = None, *, status: int = 200) -> HttpResponse:
    speaks_khmer = (translation.get_language() or "").startswith("km")
    context = {"other_language": "en" if speaks_khmer else "km", **(context or {})}
    return render(request, f"licensing/{name}.html", context, status=status)


def _names(catalogue: QuerySet[Any]) -> dict[str, list[str]]:
    return {code: [km, en] for code, km, en in catalogue.order_by("code").values_list("code", "name_km", "name_en")}


def _jwk(key: SigningKey) -> dict[str, str]:
    encoded = base64.urlsafe_b64encode(bytes(key.public_key)).rstrip(b"=").decode()
    return {"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": key.number, "x": encoded}
