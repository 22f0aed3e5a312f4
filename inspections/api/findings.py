from typing import Any

from django.db.models import QuerySet
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


class FacilityFindingSerializer(FindingSerializer):
    """Something that was not as the standard asks, where and when it was found."""

    facility = serializers.CharField(source="facility.number", help_text="Number of the facility.")
    visit = serializers.UUIDField(source="visit.uuid")
    recorded_at = serializers.DateTimeField()


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
