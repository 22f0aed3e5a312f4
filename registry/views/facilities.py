"""The list of facilities, and the pages that register and change one. The dossier is on the portal."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from registry.actions import facilities
from registry.core.errors import Refused, passes
from registry.core.numbers import is_facility_number, is_meant_as_number, normalised
from registry.filters import FacilityFilter
from registry.forms.facilities import LOOK_UP, FacilityForm, StatusForm
from registry.models import Facility
from registry.permissions import check_may_edit, check_may_register
from registry.policies import beds_beside_the_range
from registry.querysets import SIMILAR, WHOLE_NUMBER
from registry.ui import keyset
from registry.ui.lists import Column, ListAction, ListPage

SORTED = 1000
"""So many of the facilities found by a search are sorted into pages; with more it is time for another word."""


def address(facility: Facility) -> str:
    return reverse("facility-detail", args=[facility.number])


def visible_facility(request: HttpRequest, number: str) -> Facility:
    visible = Facility.objects.all().visible_to(request.user).select_related("type", "area", "province", "operator")
    facility: Facility = get_object_or_404(visible, number=normalised(number))
    return facility


class FacilityList(ListPage):
    model = Facility
    title = gettext_lazy("Facilities")
    filterset_class = FacilityFilter
    default_sort = "name_km"
    empty_state = gettext_lazy("No facility is in the register yet.")
    empty_advice = gettext_lazy("Register one, or ask an administrator to import a list.")
    columns = (
        Column("number", gettext_lazy("Number"), sort="number", link=address),
        Column("name_km", gettext_lazy("Name in Khmer"), sort="sort_key"),
        Column("name_en", gettext_lazy("Name in Latin letters")),
        Column("type", gettext_lazy("Type"), sort=("type", "sort_key")),
        Column("province", gettext_lazy("Province")),
        Column("area", gettext_lazy("Area")),
        Column("operational_status", gettext_lazy("Operational status"), kind="tag"),
        Column("changed_at", gettext_lazy("Changed"), sort="changed_at", kind="date"),
    )

    def queryset_for(self, user: Any) -> QuerySet[Any]:
        return super().queryset_for(user).select_related("type", "province", "area")

    def actions_for(self, user: Any) -> list[ListAction]:
        if not passes(check_may_register, user):
            return []
        return [
            ListAction(reverse("facility-create"), _("Register a facility")),
            ListAction(reverse("operator-list"), _("Operators")),
        ]

    @property
    def words(self) -> str:
        return self.request.GET.get("q", "").strip()

    @cached_property
    def found(self) -> Any:
        return super().rows()

    def rows(self) -> QuerySet[Any]:
        """The file has all that was found; the pages have the first so many, because sorting them all takes long."""
        if not self.words or not self.is_valid or "export" in self.request.GET:
            return self.found
        some: QuerySet[Any] = self.found.some(SORTED).select_related("type", "province", "area")
        return some

    def extra_context(self) -> dict[str, Any]:
        if not self.words or not self.is_valid:
            return {}
        total = keyset.total(self.found, counted_up_to=SORTED)
        return {"total": total, "note": self.note(total)}

    def note(self, total: keyset.Total) -> str:
        """What to know about a search that did not simply find what was typed."""
        number = normalised(self.words)
        if is_meant_as_number(number):
            if is_facility_number(number) or len(number) < WHOLE_NUMBER:
                return ""
            return _("%(number)s is not a facility number: a digit may be wrong.") % {"number": number}
        if not total.exact:
            return _("Too many facilities match to sort them all: these are %(some)s of them. Add a word.") % {
                "some": SORTED
            }
        if 0 < total.count <= SIMILAR and not self.found.having(self.words).exists():
            return _("No facility has all of these words in its name. These names are similar.")
        return ""


@login_required
def create(request: HttpRequest) -> HttpResponse:
    check_may_register(request.user)
    form = FacilityForm(request.POST or None, user=request.user, checked=LOOK_UP not in request.POST)

    def register() -> Facility:
        return facilities.register(
            facts=form.facts,
            status=form.cleaned_data["status"],
            since=form.cleaned_data["opened_on"],
            identifiers=form.cleaned_data["identifiers"],
            services=form.cleaned_data["services"],
            by=request.user,  # type: ignore[arg-type]
            at=timezone.now(),
        )

    return answer(request, form, register, title=_("Register a facility"), done=_("Facility %(number)s is registered."))


@login_required
def edit(request: HttpRequest, number: str) -> HttpResponse:
    facility = visible_facility(request, number)
    check_may_edit(request.user, facility)
    form = FacilityForm(request.POST or None, user=request.user, facility=facility, checked=LOOK_UP not in request.POST)

    def save() -> Facility:
        return facilities.edit(
            facility=facility,
            revision=form.cleaned_data["revision"],
            facts=form.facts,
            identifiers=form.cleaned_data["identifiers"],
            services=form.cleaned_data["services"],
            by=request.user,  # type: ignore[arg-type]
            at=timezone.now(),
        )

    return answer(request, form, save, title=_("Change the facts"), done=_("Facility %(number)s is saved."))


def answer(
    request: HttpRequest, form: FacilityForm, act: Callable[[], Facility], *, title: str, done: str
) -> HttpResponse:
    """The form, or the dossier once the facility is written. What was typed is kept whatever happens."""
    status, meanwhile = 200, []
    if form.checked and form.is_valid():
        try:
            facility = act()
        except Refused as refusal:
            status = 409
            form.add_error(None, refusal.sentence)
            if refusal.code == "changed_meanwhile" and form.facility is not None:
                now = visible_facility(request, form.facility.number)
                form.renew(now)
                meanwhile = list(form.differences(now))
        else:
            messages.success(request, done % {"number": facility.number})
            if warning := beds_beside_the_range(facility.type, facility.beds):
                messages.warning(request, warning)
            return redirect(address(facility))
    facility_now = form.facility
    context = {
        "form": form,
        "facility": facility_now,
        "title": title,
        "meanwhile": meanwhile,
        "cancel": address(facility_now) if facility_now else reverse("facility-list"),
        "breadcrumbs": [
            (FacilityList.title, reverse("facility-list")),
            *([(facility_now, address(facility_now))] if facility_now else []),
            (title, ""),
        ],
    }
    return render(request, "registry/facility_form.html", context, status=status)


@login_required
def change_status(request: HttpRequest, number: str) -> HttpResponse:
    facility = visible_facility(request, number)
    check_may_edit(request.user, facility)
    form = StatusForm(request.POST or None, facility=facility, initial={"effective_on": timezone.localdate()})
    status = 200
    if form.is_valid():
        try:
            facilities.change_status(facility=facility, **form.cleaned_data, by=request.user, at=timezone.now())  # type: ignore[arg-type]
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
            status = 409
        else:
            messages.success(
                request, _("The operational status of %(number)s is changed.") % {"number": facility.number}
            )
            return redirect(address(facility))
    context = {
        "facility": facility,
        "form": form,
        "facts": [
            (_("Number"), facility.number),
            (_("Type"), facility.type),
            (_("Province"), facility.province),
            (_("Operational status"), facility.get_operational_status_display()),
        ],
        "cancel": address(facility),
        "breadcrumbs": [
            (FacilityList.title, reverse("facility-list")),
            (facility, address(facility)),
            (_("Change the operational status"), ""),
        ],
    }
    return render(request, "registry/facility_status.html", context, status=status)
