"""Directives of the ministry, and who may inspect with which checklist."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from inspections.filters import CampaignFilter, CompetenceFilter
from inspections.models import Campaign, Competence
from inspections.states import CampaignState
from registry.ui.api import Names, ReadOnlyViewSet


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "A campaign",
            {
                "code": "beauty-2023",
                "name": {"km": "យុទ្ធនាការមជ្ឈមណ្ឌលសម្ផស្ស", "en": "Beauty centres"},
                "letter_number": "012",
                "letter_on": "2023-03-08",
                "text": "Inspect every beauty centre.",
                "checklist": "jhic",
                "begins_on": "2023-03-08",
                "deadline": "2023-06-30",
                "state": "closed",
            },
        )
    ]
)
class CampaignSerializer(serializers.Serializer[Campaign]):
    """A directive to inspect certain facilities by a certain day."""

    code = serializers.CharField()
    name = Names(source="*")
    letter_number = serializers.CharField()
    letter_on = serializers.DateField()
    text = serializers.CharField(help_text="Text of the letter.")
    checklist = serializers.CharField(source="checklist.code")
    begins_on = serializers.DateField()
    deadline = serializers.DateField()
    state = serializers.ChoiceField(CampaignState.choices)


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "A competence",
            {
                "id": 42,
                "person": "sok.dara",
                "checklist": "jhic",
                "valid_from": "2026-01-10",
                "valid_until": "2028-01-09",
            },
        )
    ]
)
class CompetenceSerializer(serializers.Serializer[Competence]):
    """From when to when a person may inspect with a checklist."""

    id = serializers.IntegerField()
    person = serializers.CharField(source="person.username")
    checklist = serializers.CharField(source="checklist.code")
    valid_from = serializers.DateField()
    valid_until = serializers.DateField(help_text="Last day, included.")


class CampaignViewSet(ReadOnlyViewSet):
    """Campaigns, the newest letter first."""

    queryset: QuerySet[Any] = Campaign.objects.select_related("checklist")
    serializer_class = CampaignSerializer
    filterset_class = CampaignFilter
    lookup_field = "code"
    ordering = ("-letter_on",)


class CompetenceViewSet(ReadOnlyViewSet):
    """Competences of inspectors, the one that ends last first."""

    queryset: QuerySet[Any] = Competence.objects.select_related("person", "checklist")
    serializer_class = CompetenceSerializer
    filterset_class = CompetenceFilter
    lookup_field = "id"
    lookup_value_regex = "[0-9]{1,18}"
    ordering = ("-valid_until",)
