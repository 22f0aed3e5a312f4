"""The list of facilities, and the pages that register and change one. The dossier is on the portal."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from registry.core.errors import passes
from registry.core.numbers import is_facility_number, is_meant_as_number, normalised
from registry.filters import FacilityFilter
from registry.models import Facility
from registry.permissions import check_may_register
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
