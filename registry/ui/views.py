"""The gallery of components, and the page for a request that nobody answers."""

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from registry.ui.colours import STATUS_COLOURS
from registry.ui.forms import CodeField, DayField, FilterForm, PageForm


class GalleryForm(PageForm):
    """One field of every kind."""

    name = forms.CharField(label=_("Name in Khmer"), help_text=_("As written on the licence."))
    number = CodeField(label=_("Facility number"), required=False)
    beds = forms.IntegerField(label=_("Beds"), min_value=0, max_value=5000)
    opened_on = DayField(label=_("Opened on"))
    kind = forms.ChoiceField(
        label=_("Ownership"), choices=[("public", _("Public")), ("private", _("Private"))], widget=forms.RadioSelect
    )
    services = forms.MultipleChoiceField(
        label=_("Services"),
        choices=[("delivery", _("Delivery")), ("laboratory", _("Laboratory"))],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    province = forms.ChoiceField(label=_("Province"), choices=[("12", _("Phnom Penh")), ("08", _("Kandal"))])
    remarks = forms.CharField(label=_("Remarks"), widget=forms.Textarea(attrs={"rows": 3}), required=False)
    file = forms.FileField(label=_("File"), required=False)
    agreed = forms.BooleanField(label=_("I have checked these answers"))


class GalleryFilter(FilterForm):
    name = forms.CharField(label=_("Name"), required=False)
    province = forms.ChoiceField(
        label=_("Province"), required=False, choices=[("", "—"), ("12", _("Phnom Penh")), ("08", _("Kandal"))]
    )


@login_required
def gallery(request: HttpRequest) -> HttpResponse:
    """Every component with an example; `?sent=1` shows the form with its errors."""
    form = GalleryForm(request.GET if "sent" in request.GET else None)
    return render(request, "ui/gallery.html", {"form": form, "filter_form": GalleryFilter(), **EXAMPLES})


EXAMPLES: dict[str, Any] = {
    "breadcrumbs": [(_("Home"), "/"), (_("Components"), "")],
    "statuses": [(status, status.replace("_", " ")) for status in STATUS_COLOURS],
    "facts": [(_("Number"), "0412-7"), (_("Name"), "មណ្ឌលសុខភាពស្វាយអន្ទរ"), (_("Beds"), None)],
    "columns": [_("Name"), _("Province"), _("Beds")],
    "rows": [["មន្ទីរពេទ្យបង្អែក កំពង់ចាម", "កំពង់ចាម", 120], ["Calmette Hospital", "ភ្នំពេញ", 250]],
    "bars": [(_("Phnom Penh"), 412), (_("Kandal"), 238), (_("Kep"), 9)],
    "events": [
        {"title": _("Visit approved"), "by": "Sok Dara", "at": datetime(2026, 3, 2, 9, 30, tzinfo=UTC), "text": ""},
        {
            "title": _("Licence issued"),
            "by": "Chan Thida",
            "at": datetime(2026, 1, 15, 2, 0, tzinfo=UTC),
            "text": _("After a visit with the band: substantially compliant."),
        },
    ],
    "chips": [(_("Province: Kandal"), "?")],
    "parts": [(_("Facts"), "?", True), (_("Visits"), "?part=visits", False), (_("Licences"), "?part=licences", False)],
}
