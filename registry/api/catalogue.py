"""The short lists that the register is kept with."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from registry.models import FacilityType, Service
from registry.states import Authority
from registry.ui.api import Names, ReadOnlyViewSet


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "A clinic",
            {
                "code": "clinic",
                "name": {"km": "គ្លីនិក", "en": "Clinic"},
                "authority": "ministry",
                "licence_needed": True,
                "beds_from": 10,
                "beds_below": 20,
            },
        )
    ]
)
class FacilityTypeSerializer(serializers.Serializer[FacilityType]):
    """A kind of facility, who licenses it and how many beds it may have."""

    code = serializers.CharField()
    name = Names(source="*")
    authority = serializers.ChoiceField(Authority.choices, help_text="Who issues its licence.")
    licence_needed = serializers.BooleanField(help_text="Whether it needs a licence.")
    beds_from = serializers.IntegerField(allow_null=True, help_text="Fewest beds; null where beds do not matter.")
    beds_below = serializers.IntegerField(allow_null=True, help_text="It has fewer beds than this; null: no limit.")


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "Surgery",
            {"code": "surgery", "name": {"km": "វះកាត់", "en": "Surgery"}, "needs_authorisation": True},
        )
    ]
)
class ServiceSerializer(serializers.Serializer[Service]):
    """Something that facilities offer to patients."""

    code = serializers.CharField()
    name = Names(source="*")
    needs_authorisation = serializers.BooleanField(help_text="Whether it needs an authorisation of its own.")


class FacilityTypeViewSet(ReadOnlyViewSet):
    """Facility types, by code."""

    queryset: QuerySet[Any] = FacilityType.objects.all()
    serializer_class = FacilityTypeSerializer
    lookup_field = "code"
    ordering = ("code",)


class ServiceViewSet(ReadOnlyViewSet):
    """Services, by code."""

    queryset: QuerySet[Any] = Service.objects.all()
    serializer_class = ServiceSerializer
    lookup_field = "code"
    ordering = ("code",)
