from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from licensing.models import Certificate, SigningKey
from licensing.reports import certificates
from registry.ui.lists import Column, ListPage


@login_required
@require_safe
@never_cache
def paper(request: HttpRequest, number: str) -> HttpResponse:
    """The newest certificate of a licence as a PDF."""
    visible = Certificate.objects.visible_to(request.user).select_related("licence__type", "key")
    certificate = get_object_or_404(visible.newest(), licence__number=number)
    site = settings.PUBLIC_URL or request.build_absolute_uri("/").rstrip("/")
    response = HttpResponse(certificates.pdf(certificate, site=site), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="certificate-{certificate.number}.pdf"'
    return response


class SigningKeyList(ListPage):
    model = SigningKey
    title = gettext_lazy("Signing keys")
    lead = gettext_lazy(
        "Each certificate is signed by one of these keys. A retired key still verifies; a revoked one verifies nothing."
    )
    default_sort = "-valid_from"
    empty_state = gettext_lazy("There is no key yet, so no licence can be issued.")
    empty_advice = gettext_lazy("Whoever keeps the machine makes one with the command signing_keys.")
    columns = (
        Column("number", gettext_lazy("Key")),
        Column(
            "valid_from",
            gettext_lazy("Signs from"),
            value=lambda key: timezone.localdate(key.valid_from),
            sort="valid_from",
            kind="date",
        ),
        Column(
            "retired_at",
            gettext_lazy("Retired on"),
            value=lambda key: key.retired_at and timezone.localdate(key.retired_at),
            kind="date",
        ),
        Column(
            "revoked_at",
            gettext_lazy("Revoked on"),
            value=lambda key: key.revoked_at and timezone.localdate(key.revoked_at),
            kind="date",
        ),
        Column("reason", gettext_lazy("Reason")),
    )
