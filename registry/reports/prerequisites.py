"""What a facility lacks for a service."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import ngettext

from registry.models import Equipment, Facility, Posting, Prerequisite, Service


@dataclass(frozen=True)
class Missing:
    """A prerequisite that is not met, how many there are of what it asks for, and a sentence about it."""

    prerequisite: Prerequisite
    has: int

    @property
    def sentence(self) -> str:
        asked = self.prerequisite
        if asked.council is not None:
            text = ngettext(
                "It needs %(least)s practitioner of the %(what)s who works here and may practise, and has %(has)s.",
                "It needs %(least)s practitioners of the %(what)s who work here and may practise, and has %(has)s.",
                asked.least,
            )
        else:
            text = ngettext(
                "It needs %(least)s device of the kind “%(what)s” in use and calibrated, and has %(has)s.",
                "It needs %(least)s devices of the kind “%(what)s” in use and calibrated, and has %(has)s.",
                asked.least,
            )
        return text % {"least": asked.least, "what": asked.council or asked.equipment_kind, "has": self.has}


def missing(facility: Facility, service: Service, on: date) -> list[Missing]:
    """What the facility lacks on that day for the service, as the prerequisites in the catalogue ask; one query.

    Practitioners count while they are posted there and may practise; devices while in use and calibrated.
    """
    people = Posting.objects.in_force(on).filter(
        facility=facility, practitioner__council=OuterRef("council"), practitioner__practises_until__gte=on
    )
    devices = Equipment.objects.in_use(on).calibrated(on).filter(facility=facility, kind=OuterRef("equipment_kind"))
    asked = (
        Prerequisite.objects.filter(service=service)
        .annotate(
            has=Coalesce(_number(people, "practitioner"), 0) + Coalesce(_number(devices, "pk"), 0),
        )
        .filter(has__lt=F("least"))
    )
    found: Any = asked.select_related("council", "equipment_kind").order_by("pk")
    return [Missing(prerequisite, prerequisite.has) for prerequisite in found]


def _number(rows: QuerySet[Any], of: str) -> Subquery:
    """How many different ones there are in a correlated subquery; null for none."""
    return Subquery(rows.order_by().values("facility").annotate(number=Count(of, distinct=True)).values("number"))
