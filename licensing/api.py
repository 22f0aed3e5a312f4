from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from licensing.filters import LicenceFilter
from licensing.models import Licence
from licensing.states import LicenceState
from registry.states import Authority
from registry.ui.api import ReadOnlyViewSet


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "A licence in force",
            {
                "number": "L-000137",
                "facility": "KH000013754",
                "type": "operating",
                "authority": "ministry",
                "state": "issued",
                "valid_from": "2026-01-15",
                "valid_until": "2028-01-14",
                "ended_on": None,
                "last_day": "2028-01-14",
                "recorded_at": "2026-01-12T10:30:00+07:00",
                "decided_at": "2026-01-14T15:00:00+07:00",
            },
        )
    ]
)
class LicenceSerializer(serializers.Serializer[Licence]):
    """The permission for one site to operate."""

    number = serializers.CharField()
    facility = serializers.CharField(source="facility.number", help_text="Number of the facility.")
    type = serializers.CharField(source="type.code", help_text="Code of the licence type.")
    authority = serializers.ChoiceField(Authority.choices, source="type.authority", help_text="Who issues it.")
    state = serializers.ChoiceField(LicenceState.choices, help_text="Expiry is no state: see `last_day`.")
    valid_from = serializers.DateField(help_text="First day, included.")
    valid_until = serializers.DateField(help_text="Last day as written on the licence, included.")
    ended_on = serializers.DateField(allow_null=True, help_text="First day without it, where it ended early.")
    last_day = serializers.DateField(help_text="Last day it allowed or allows the facility to operate.")
    recorded_at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField(allow_null=True, help_text="When it was approved or rejected.")


class LicenceViewSet(ReadOnlyViewSet):
    """Licences, the newest record first."""

    queryset: QuerySet[Any] = Licence.objects.select_related("facility", "type")
    serializer_class = LicenceSerializer
    filterset_class = LicenceFilter
    lookup_value_regex = ".+"
    ordering = ("-recorded_at",)
