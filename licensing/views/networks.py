"""Branch networks: the list of all, and the sites of one."""

from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from licensing.filters import NetworkFilter
from licensing.reports.networks import sites_of, with_licences
from licensing.states import SiteStanding
from registry.models import Facility, Network
from registry.ui.lists import Column, ListAction, ListPage


def address(network: Network) -> str:
    return reverse("network-detail", args=[network.code])


class NetworkList(ListPage):
    model = Network
    title = gettext_lazy("Branch networks")
    lead = gettext_lazy(
        "Sites that share an operator or its parent, a brand, a telephone or a responsible person. Closed sites do not"
        " count."
    )
    filterset_class = NetworkFilter
    default_sort = "-unlicensed"
    empty_state = gettext_lazy("No two sites share anything.")
    columns = (
        Column("name", gettext_lazy("Network"), value=str, sort="sort_key", link=address),
        Column("kind", gettext_lazy("What they share")),
        Column("sites", gettext_lazy("Sites"), sort="sites", kind="number"),
        Column("licensed", gettext_lazy("Licensed today"), kind="number"),
        Column("unlicensed", gettext_lazy("Without a licence they need"), sort="unlicensed", kind="number"),
    )

    def queryset_for(self, user: Any) -> QuerySet[Any]:
        return with_licences(super().queryset_for(user), on=timezone.localdate())

    def actions_for(self, user: Any) -> list[ListAction]:
        return [ListAction(f"{reverse('network-list')}?unlicensed=yes", _("With unlicensed sites"))]


class NetworkSites(ListPage):
    """The sites of one network that the reader may see; the others are counted."""

    model = Facility
    default_sort = "name"
    empty_state = gettext_lazy("No site of this network lies in your province any more.")
    columns = (
        Column(
            "name",
            gettext_lazy("Facility"),
            value=str,
            sort="sort_key",
            link=lambda facility: reverse("facility-detail", args=[facility.number]),
        ),
        Column("number", gettext_lazy("Number"), sort="number"),
        Column("type", gettext_lazy("Type")),
        Column("province", gettext_lazy("Province")),
        Column("operator", gettext_lazy("Operator"), page=False),
        Column("operational_status", gettext_lazy("Operational status"), kind="tag"),
        Column(
            "site_standing",
            gettext_lazy("Licence today"),
            value=lambda facility: SiteStanding(facility.site_standing),
            kind="tag",
        ),
        Column("licence_number", gettext_lazy("Licence number")),
    )

    @cached_property
    def network(self) -> Network:
        found: Network = get_object_or_404(
            Network.objects.all().visible_to(self.request.user), code=self.kwargs["code"]
        )
        return found

    @property
    def title(self) -> str:  # type: ignore[override]
        return str(self.network)

    @property
    def lead(self) -> str:  # type: ignore[override]
        sentence = ngettext(
            "%(number)s site shares: %(kind)s.", "%(number)s sites share: %(kind)s.", self.network.sites
        )
        said = sentence % {"number": self.network.sites, "kind": self.network.get_kind_display()}
        hidden = self.network.sites - self.queryset_for(self.request.user).count()
        if hidden > 0:
            more = ngettext(
                "%(number)s of them lies outside your province.",
                "%(number)s of them lie outside your province.",
                hidden,
            )
            said += " " + more % {"number": hidden}
        return said

    def queryset_for(self, user: Any) -> QuerySet[Any]:
        visible = super().queryset_for(user).select_related("type", "province", "operator")
        return sites_of(self.network, visible, on=timezone.localdate())

    def extra_context(self) -> dict[str, Any]:
        return {"breadcrumbs": [(NetworkList.title, reverse("network-list")), (self.title, "")]}
