"""Health professionals, and until when they may practise."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from registry.filters import PractitionerFilter
from registry.models import Practitioner
from registry.states import Cadre
from registry.ui.api import Names, ReadOnlyViewSet, Text


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "A doctor",
            {
                "id": 71,
                "council": "medical",
                "council_number": "MD-00123",
                "name": {"km": "សុខ ដារ៉ា", "en": "Sok Dara"},
                "cadre": "doctor",
                "nationality": "KH",
                "foreign": False,
                "licensed_until": "2027-12-31",
                "permission_number": None,
                "permission_until": None,
                "struck_off_on": None,
                "practises_until": "2027-12-31",
                "changed_at": "2026-03-04T09:05:00+07:00",
            },
        )
    ]
)
class PractitionerSerializer(serializers.Serializer[Practitioner]):
    """A health professional in the register of a council."""

    id = serializers.IntegerField(help_text="Permanent.")
    council = serializers.CharField(source="council.code", help_text="Code of the council.")
    council_number = serializers.CharField(help_text="Names one practitioner of the council.")
    name = Names(source="*")
    cadre = serializers.ChoiceField(Cadre.choices)
    nationality = serializers.CharField(help_text="ISO 3166-1, two letters.")
    foreign = serializers.BooleanField()
    licensed_until = serializers.DateField(allow_null=True, help_text="Last day of the licence of the council.")
    permission_number = Text(help_text="Foreigners alone need a permission.")
    permission_until = serializers.DateField(allow_null=True, help_text="Last day of the permission for foreigners.")
    struck_off_on = serializers.DateField(allow_null=True, help_text="First day on which the council lists no more.")
    practises_until = serializers.DateField(
        allow_null=True, help_text="Last day on which this person may practise; null: not at present."
    )
    changed_at = serializers.DateTimeField(help_text="When this record last changed.")


class PractitionerViewSet(ReadOnlyViewSet):
    """Practitioners, by their permanent number here."""

    queryset: QuerySet[Any] = Practitioner.objects.select_related("council")
    serializer_class = PractitionerSerializer
    filterset_class = PractitionerFilter
    lookup_field = "id"
    lookup_value_regex = "[0-9]{1,18}"
    ordering = ("pk",)
