"""The search box in the header: an exact facility number leads to its dossier, all else to what was found."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from portal.reports import search as reads
from registry.core.numbers import is_facility_number, is_meant_as_number
from registry.ui.html import address, link, tag


@login_required
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    text = request.GET.get("q", "").strip()
    facility = reads.facility_with_number(request.user, text)
    if facility is not None:
        return redirect("facility-detail", facility.number)
    found = reads.search(request.user, text)
    today = timezone.localdate()
    context = {
        "text": text,
        "mistyped": is_meant_as_number(text) and not is_facility_number(text),
        "facilities": [
            [
                link("facility-detail", facility.number, text=facility),
                facility.number,
                facility.type,
                facility.province or "",
            ]
            for facility in found.facilities
        ],
        "facility_columns": [_("Facility"), _("Number"), _("Type"), _("Province")],
        "all_facilities": address("facility-list", q=text) if len(found.facilities) == reads.SHOWN else "",
        "licences": [
            [
                link("licence-detail", licence.number, text=licence.number),
                link("facility-detail", licence.facility.number, text=licence.facility),
                licence.type,
                tag(licence.phase(today).label, licence.phase(today)),
            ]
            for licence in found.licences
        ],
        "licence_columns": [_("Number"), _("Facility"), _("Licence type"), _("State")],
    }
    return render(request, "portal/search.html", context)
