from typing import Any

from django.db.models import Prefetch, QuerySet
from rest_framework import serializers

from registry.filters import FacilityFilter
from registry.models import Facility, FacilityService
from registry.states import OperationalStatus, Ownership
from registry.ui.api import Names, ReadOnlyViewSet, Text


class IdentifierSerializer(serializers.Serializer[Any]):
    """The number by which another system knows the facility."""

    system = serializers.CharField()
    value = serializers.CharField()


class FacilitySerializer(serializers.Serializer[Facility]):
    """One site where health care is given, or is suspected to be given, to people."""

    number = serializers.CharField(help_text="Permanent public number; its last two digits are a check.")
    name = Names(source="*")
    type = serializers.CharField(source="type.code", help_text="Code of a facility type.")
    ownership = serializers.ChoiceField(Ownership.choices)
    operational_status = serializers.ChoiceField(OperationalStatus.choices)
    province = serializers.CharField(source="province.code", default=None, allow_null=True, help_text="Area code.")
    area = serializers.CharField(
        source="area.code", default=None, allow_null=True, help_text="Code of the smallest area known."
    )
    operational_district = serializers.CharField(
        source="operational_district.code", default=None, allow_null=True, help_text="Code of the health district."
    )
    address = Text()
    latitude = serializers.FloatField(allow_null=True, help_text="Degrees, WGS 84.")
    longitude = serializers.FloatField(allow_null=True, help_text="Degrees, WGS 84.")
    point_accuracy_m = serializers.IntegerField(allow_null=True, help_text="Accuracy of the point in metres.")
    beds = serializers.IntegerField(allow_null=True)
    services = serializers.SerializerMethodField(help_text="Codes of the services it says it offers.")
    opening_hours = Text()
    phone = Text()
    email = Text()
    website = Text()
    brand = Text(help_text="The name on the sign, where a chain uses it.")
    opened_on = serializers.DateField(allow_null=True)
    identifiers = IdentifierSerializer(source="identifiers.all", many=True)
    predecessor = serializers.CharField(
        source="predecessor.number", default=None, allow_null=True, help_text="Number of the facility it continues."
    )
    changed_at = serializers.DateTimeField(help_text="When this record last changed.")

    def get_services(self, facility: Facility) -> list[str]:
        return sorted(declared.service.code for declared in facility.declared_now)  # type: ignore[attr-defined]


class FacilityViewSet(ReadOnlyViewSet):
    """Facilities, by number."""

    queryset: QuerySet[Any] = Facility.objects.select_related(
        "type", "province", "area", "operational_district", "predecessor"
    ).prefetch_related(
        "identifiers",
        Prefetch(
            "declared_services",
            FacilityService.objects.filter(withdrawn_on=None).select_related("service"),
            to_attr="declared_now",
        ),
    )
    serializer_class: type[serializers.Serializer[Any]] = FacilitySerializer
    filterset_class = FacilityFilter
    ordering = ("pk",)
