"""The conditions of checklists in words."""

from itertools import chain

from registry.models import FacilityType, Service


def names_of_codes() -> dict[str, str]:
    """The names of facility types and services in the language of the page, by their codes; two queries."""
    return {thing.code: str(thing) for thing in chain(FacilityType.objects.all(), Service.objects.all())}
