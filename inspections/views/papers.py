"""The receipt that a facility keeps."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from inspections.models import Visit
from inspections.policies import check_is_handed_in
from inspections.reports import receipt
from inspections.views.visits import breadcrumbs, visible_visit
from registry.core.papers import paper
from registry.files.actions import place_of

LANGUAGES = ("km", "en")


@login_required
def receipt_page(request: HttpRequest, uuid: UUID) -> HttpResponse:
    visit = _handed_in(request, uuid)
    context = {
        "visit": visit,
        "receipt": receipt(visit, site=_site(request)),
        "languages": LANGUAGES,
        "breadcrumbs": breadcrumbs(visit, _("Receipt")),
    }
    return render(request, "inspections/visit_receipt.html", context)


@login_required
def receipt_pdf(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The same as a PDF, in the language asked for (`?language=km` or `en`) or that of the pages."""
    visit = _handed_in(request, uuid)
    wanted = request.GET.get("language") or get_language() or ""
    with override(wanted if wanted in LANGUAGES else "km"):
        content = receipt(visit, site=_site(request))
    pictures = {
        row["picture"]: place_of(row["picture"]).read_bytes() for row in content["signatures"] if row["picture"]
    }
    made = paper("receipt.typ", content, pictures=pictures, made_at=visit.submitted_at or visit.created_at)
    name = f"{visit.facility.number}-{visit.visited_on:%Y-%m-%d}-{content['language']}.pdf"
    headers = {"Content-Disposition": f'inline; filename="{name}"', "Cache-Control": "private, no-store"}
    return HttpResponse(made, content_type="application/pdf", headers=headers)


def _handed_in(request: HttpRequest, uuid: UUID) -> Visit:
    visit = visible_visit(request, uuid)
    check_is_handed_in(visit)
    return visit


def _site(request: HttpRequest) -> str:
    return request.build_absolute_uri("/").rstrip("/")
