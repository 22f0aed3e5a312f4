"""Branch networks: sites that belong together, and which of them work without a licence."""

from datetime import date
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    Exists,
    F,
    Func,
    IntegerField,
    OuterRef,
    QuerySet,
    Subquery,
    Value,
    When,
)

from licensing.models import Licence
from licensing.states import SiteStanding
from registry.models import Facility, Network


def with_licences(networks: QuerySet[Network], *, on: date) -> QuerySet[Network]:
    """Each network with the number of its sites that are `licensed` on that day, and of those that are `unlicensed`.

    Unlicensed is a site that needs a licence and has none; one whose licence is suspended counts as neither.
    """
    among = Func(
        F("pk"),
        OuterRef("facility_ids"),
        template="(%(expressions)s))",
        arg_joiner=" = ANY(",
        output_field=BooleanField(),
    )
    sites = Facility.objects.filter(among)
    held = _licence_of_site(on)
    return networks.annotate(
        licensed=_number(sites.filter(Exists(Licence.objects.in_force(on).filter(facility=OuterRef("pk"))))),
        unlicensed=_number(sites.filter(~Exists(held), type__licence_needed=True)),
    )


def sites_of(network: Network, facilities: QuerySet[Facility], *, on: date) -> QuerySet[Facility]:
    """Those of the facilities that are sites of the network, each with its `site_standing` and `licence_number`."""
    held = _licence_of_site(on)
    return facilities.filter(pk__in=network.facility_ids).annotate(
        licence_number=Subquery(held.order_by("-valid_from").values("number")[:1]),
        site_standing=Case(
            When(
                Exists(Licence.objects.in_force(on).filter(facility=OuterRef("pk"))), then=Value(SiteStanding.LICENSED)
            ),
            When(Exists(held), then=Value(SiteStanding.SUSPENDED)),
            When(type__licence_needed=True, then=Value(SiteStanding.UNLICENSED)),
            default=Value(SiteStanding.NOT_NEEDED),
        ),
    )


def _licence_of_site(on: date) -> QuerySet[Licence]:
    """The licence of a facility of the outer query, suspended or not."""
    held: QuerySet[Licence] = Licence.objects.within_period(on).filter(facility=OuterRef("pk"))
    return held


def _number(rows: QuerySet[Any]) -> Subquery:
    counted = rows.order_by().annotate(counted=Func(F("pk"), function="COUNT", output_field=IntegerField()))
    return Subquery(counted.values("counted"))
