"""The short lists kept as data: everybody reads them, administrators keep them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from registry.actions import catalogue
from registry.areas.models import OperationalDistrict
from registry.core.errors import passes
from registry.forms.catalogue import (
    CouncilForm,
    EntryForm,
    EquipmentKindForm,
    FacilityTypeForm,
    OperationalDistrictForm,
    ServiceForm,
)
from registry.models import Council, EquipmentKind, FacilityType, Service
from registry.permissions import check_may_change_catalogue
from registry.ui.lists import Column, ListAction, ListPage


def yes_or_no(name: str) -> Any:
    return lambda entry: _("Yes") if getattr(entry, name) else _("No")


class CatalogueList(ListPage):
    """One of the short lists, with a link to the form for those who may change it."""

    kind: ClassVar[str]
    more: ClassVar[Sequence[Column]] = ()
    columns: ClassVar[Sequence[Column]] = (
        Column("code", gettext_lazy("Code"), sort="code"),
        Column("name_km", gettext_lazy("Name in Khmer")),
        Column("name_en", gettext_lazy("Name in Latin letters"), sort="name_en"),
    )
    default_sort = "code"
    empty_state = gettext_lazy("Nothing is on this list yet.")

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls.columns = (*CatalogueList.columns, *cls.more)

    def actions_for(self, user: Any) -> list[ListAction]:
        others = [
            ListAction(reverse(kind.address), kind.page.title) for name, kind in KINDS.items() if name != self.kind
        ]
        others.append(ListAction(reverse("prerequisite-list"), _("Prerequisites of services")))
        others.append(ListAction(reverse("holiday-list"), _("Public holidays")))
        if passes(check_may_change_catalogue, user):
            return [ListAction(reverse("catalogue-create", args=[self.kind]), _("Add an entry")), *others]
        return others

    def cell(self, column: Column, row: Any) -> Any:
        cell = super().cell(column, row)
        if column.name == "code" and passes(check_may_change_catalogue, self.request.user):
            return type(cell)(**vars(cell) | {"href": reverse("catalogue-edit", args=[self.kind, row.code])})
        return cell


class FacilityTypeList(CatalogueList):
    kind = "facility-types"
    model = FacilityType
    title = gettext_lazy("Facility types")
    more = (
        Column("authority", gettext_lazy("Issuing authority")),
        Column("licence_needed", gettext_lazy("Needs a licence"), value=yes_or_no("licence_needed")),
        Column("beds_from", gettext_lazy("Beds from"), kind="number"),
        Column("beds_below", gettext_lazy("Beds below"), kind="number"),
    )


class ServiceList(CatalogueList):
    kind = "services"
    model = Service
    title = gettext_lazy("Services")
    more = (
        Column(
            "needs_authorisation",
            gettext_lazy("Needs its own authorisation"),
            value=yes_or_no("needs_authorisation"),
        ),
    )


class DistrictList(CatalogueList):
    kind = "operational-districts"
    model = OperationalDistrict
    title = gettext_lazy("Operational districts")
    more = (Column("province", gettext_lazy("Province")),)

    def queryset_for(self, user: Any) -> Any:
        return super().queryset_for(user).select_related("province")


class CouncilList(CatalogueList):
    kind = "councils"
    model = Council
    title = gettext_lazy("Councils")


class EquipmentKindList(CatalogueList):
    kind = "equipment-kinds"
    model = EquipmentKind
    title = gettext_lazy("Kinds of equipment")
    more = (Column("needs_calibration", gettext_lazy("Needs calibration"), value=yes_or_no("needs_calibration")),)


@dataclass(frozen=True)
class Kind:
    """One of the lists, and the form for its entries."""

    page: type[CatalogueList]
    address: str
    form: type[EntryForm]


KINDS = {
    "facility-types": Kind(FacilityTypeList, "facility-type-list", FacilityTypeForm),
    "services": Kind(ServiceList, "service-list", ServiceForm),
    "operational-districts": Kind(DistrictList, "operational-district-list", OperationalDistrictForm),
    "councils": Kind(CouncilList, "council-list", CouncilForm),
    "equipment-kinds": Kind(EquipmentKindList, "equipment-kind-list", EquipmentKindForm),
}


@login_required
def edit(request: HttpRequest, kind: str, code: str = "") -> HttpResponse:
    """Add an entry, or change the one with this code."""
    if kind not in KINDS:
        raise Http404
    known = KINDS[kind]
    model: Any = known.page.model
    entry = get_object_or_404(model.objects.all().visible_to(request.user), code=code) if code else None
    check_may_change_catalogue(request.user)
    form = known.form(request.POST or None, instance=entry)
    if form.is_valid():
        saved = catalogue.save(entry=form.save(commit=False), by=request.user, at=timezone.now())  # type: ignore[arg-type]
        messages.success(request, _("“%(entry)s” is saved.") % {"entry": saved})
        return redirect(known.address)
    title = str(entry) if entry else _("Add an entry")
    context = {
        "form": form,
        "title": title,
        "caption": known.page.title,
        "cancel": reverse(known.address),
        "breadcrumbs": [(known.page.title, reverse(known.address)), (title, "")],
    }
    return render(request, "registry/entry_form.html", context)
