from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from inspections.filters import CorrectiveActionFilter, FindingFilter
from inspections.models import CorrectiveAction, Finding
from inspections.states import ActionState, CorrectedHow, Scope, Severity
from registry.ui.api import Choice, ReadOnlyViewSet, Text


class FindingSerializer(serializers.Serializer[Finding]):
    """Something that was not as the standard asks."""

    id = serializers.IntegerField()
    item = Text(source="item_code", help_text="Section and item of the checklist.")
    clause = Text(help_text="The clause of the standard.")
    text = serializers.CharField()
    severity = serializers.ChoiceField(Severity.choices)
    scope = serializers.ChoiceField(Scope.choices)
    grid = serializers.CharField(help_text="Severity and scope as one letter, A to L.")
    corrected_on = serializers.DateField(allow_null=True)
    corrected_how = Choice(CorrectedHow.choices, allow_null=True)


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "A finding",
            {
                "id": 4711,
                "item": "S02.A01",
                "clause": "2.1",
                "text": "No soap at two of five basins.",
                "severity": 2,
                "scope": 2,
                "grid": "E",
                "corrected_on": "2026-03-09",
                "corrected_how": "desk",
                "facility": "KH000013754",
                "visit": "6a2f41a3-c54c-fce8-32d2-0324e1c32e22",
                "recorded_at": "2026-03-04T09:05:00+07:00",
            },
        )
    ]
)
class FacilityFindingSerializer(FindingSerializer):
    """Something that was not as the standard asks, where and when it was found."""

    facility = serializers.CharField(source="facility.number", help_text="Number of the facility.")
    visit = serializers.UUIDField(source="visit.uuid")
    recorded_at = serializers.DateTimeField()


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "An open action",
            {
                "id": 815,
                "facility": "KH000013754",
                "finding": 4711,
                "state": "required",
                "due_on": "2026-05-05",
                "opened_at": "2026-03-04T09:05:00+07:00",
                "decided_at": None,
                "verified_how": None,
            },
        )
    ]
)
class CorrectiveActionSerializer(serializers.Serializer[CorrectiveAction]):
    """What a facility has to do about one finding, and by when."""

    id = serializers.IntegerField()
    facility = serializers.CharField(source="facility.number", help_text="Number of the facility.")
    finding = serializers.IntegerField(source="finding_id", help_text="Id of the finding.")
    state = serializers.ChoiceField(ActionState.choices)
    due_on = serializers.DateField(help_text="Counted in working days from the approval of the visit.")
    opened_at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField(allow_null=True)
    verified_how = Choice(CorrectedHow.choices, allow_null=True)


class FindingViewSet(ReadOnlyViewSet):
    """Findings, the newest first."""

    queryset: QuerySet[Any] = Finding.objects.select_related("facility", "visit")
    serializer_class = FacilityFindingSerializer
    filterset_class = FindingFilter
    lookup_field = "id"
    lookup_value_regex = "[0-9]{1,18}"
    ordering = ("-recorded_at",)


class CorrectiveActionViewSet(ReadOnlyViewSet):
    """Corrective actions, the one due first."""

    queryset: QuerySet[Any] = CorrectiveAction.objects.select_related("facility")
    serializer_class = CorrectiveActionSerializer
    filterset_class = CorrectiveActionFilter
    lookup_field = "id"
    lookup_value_regex = "[0-9]{1,18}"
    ordering = ("due_on",)
