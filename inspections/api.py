from typing import Any

from django.db.models import Prefetch, QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from inspections.filters import VisitFilter
from inspections.models import Finding, Standing, Visit
from inspections.states import BandCode, LicenceSeen, Purpose, Scope, Severity, VisitOutcome, VisitState
from registry.ui.api import Choice, ReadOnlyViewSet, Text

DAY = "Day of the calendar in Cambodia."


class FindingSerializer(serializers.Serializer[Finding]):
    """Something that was not as the standard asks."""

    item = Text(source="item_code", help_text="Section and item of the checklist.")
    clause = Text(help_text="The clause of the standard.")
    text = serializers.CharField()
    severity = serializers.ChoiceField(Severity.choices)
    scope = serializers.ChoiceField(Scope.choices)
    grid = serializers.CharField(help_text="Severity and scope as one letter, A to L.")
    corrected_on = serializers.DateField(allow_null=True)


class StandingSerializer(serializers.Serializer[Standing]):
    """Where a facility stands after its last completed and approved visit."""

    last_visit_on = serializers.DateField(help_text=DAY)
    score = serializers.FloatField(allow_null=True, help_text="Percent of the applicable maximum, 0 to 100.")
    band = Choice(BandCode.choices, allow_null=True)
    visits_in_band = serializers.IntegerField(help_text="How many visits in a row ended in this band.")
    next_due_on = serializers.DateField(help_text="By this day the facility is to be visited again.")


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "An approved visit",
            {
                "uuid": "6a2f41a3-c54c-fce8-32d2-0324e1c32e22",
                "facility": "KH000013754",
                "purpose": "routine",
                "announced": False,
                "state": "approved",
                "outcome": "completed",
                "planned_on": "2026-02-25",
                "visited_on": "2026-03-02",
                "licence_seen": "valid",
                "score": 71.5,
                "band": "substantially_compliant",
                "next_due_on": "2027-03-02",
                "ruleset": "demonstration",
                "ruleset_version": 1,
                "submitted_at": "2026-03-02T16:20:00+07:00",
                "decided_at": "2026-03-04T09:05:00+07:00",
                "findings": [
                    {
                        "item": "S02.A01",
                        "clause": "2.1",
                        "text": "No soap at two of five basins.",
                        "severity": 2,
                        "scope": 2,
                        "grid": "E",
                        "corrected_on": "2026-03-09",
                    }
                ],
            },
        )
    ]
)
class VisitSerializer(serializers.Serializer[Visit]):
    """One inspection of one facility, with what was found."""

    uuid = serializers.UUIDField()
    facility = serializers.CharField(source="facility.number", help_text="Number of the facility.")
    purpose = serializers.ChoiceField(Purpose.choices)
    announced = serializers.BooleanField(help_text="Whether the facility knew that somebody would come.")
    state = serializers.ChoiceField(VisitState.choices)
    outcome = Choice(VisitOutcome.choices, allow_null=True)
    planned_on = serializers.DateField(allow_null=True, help_text=DAY)
    visited_on = serializers.DateField(allow_null=True, help_text=DAY)
    licence_seen = Choice(LicenceSeen.choices, allow_null=True)
    score = serializers.FloatField(allow_null=True, help_text="Percent of the applicable maximum, 0 to 100.")
    band = Choice(BandCode.choices, allow_null=True)
    next_due_on = serializers.DateField(allow_null=True, help_text="By this day the next visit was due after this one.")
    ruleset = serializers.CharField(source="ruleset.code", help_text="Code of the rules that made the score a band.")
    ruleset_version = serializers.IntegerField(source="ruleset.number")
    submitted_at = serializers.DateTimeField(allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True, help_text="When it was approved or returned.")
    findings = FindingSerializer(source="findings.all", many=True)


class VisitViewSet(ReadOnlyViewSet):
    """Visits, the newest record first."""

    queryset: QuerySet[Any] = (
        Visit.objects.select_related("facility", "ruleset")
        .defer("answers", "section_scores")
        .prefetch_related(Prefetch("findings", Finding.objects.order_by("item_code", "pk")))
    )
    serializer_class = VisitSerializer
    filterset_class = VisitFilter
    lookup_field = "uuid"
    ordering = ("-created_at",)
