from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from inspections.filters import StandingFilter
from inspections.models import Standing
from inspections.states import BandCode
from registry.ui.api import Choice, ReadOnlyViewSet

DAY = "Day of the calendar in Cambodia."


class StandingSerializer(serializers.Serializer[Standing]):
    """Where a facility stands after its last completed and approved visit."""

    last_visit_on = serializers.DateField(help_text=DAY)
    score = serializers.FloatField(allow_null=True, help_text="Percent of the applicable maximum, 0 to 100.")
    band = Choice(BandCode.choices, allow_null=True)
    visits_in_band = serializers.IntegerField(help_text="How many visits in a row ended in this band.")
    closure_proposed = serializers.BooleanField(help_text="Whether so many visits in a low band propose a closure.")
    next_due_on = serializers.DateField(help_text="By this day the facility is to be visited again.")


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "A standing",
            {
                "last_visit_on": "2026-03-02",
                "score": 71.5,
                "band": "substantially_compliant",
                "visits_in_band": 1,
                "closure_proposed": False,
                "next_due_on": "2027-03-02",
                "facility": "KH000013754",
                "visit": "6a2f41a3-c54c-fce8-32d2-0324e1c32e22",
            },
        )
    ]
)
class FacilityStandingSerializer(StandingSerializer):
    """The standing of one facility, and the visit that it rests on."""

    facility = serializers.CharField(source="facility.number", help_text="Number of the facility.")
    visit = serializers.UUIDField(source="visit.uuid")


class FacilityStandingViewSet(ReadOnlyViewSet):
    """Standings of facilities, the next to be visited first."""

    queryset: QuerySet[Any] = Standing.objects.select_related("facility", "visit")
    serializer_class = FacilityStandingSerializer
    filterset_class = StandingFilter
    lookup_field = "facility__number"
    lookup_url_kwarg = "number"
    ordering = ("next_due_on",)
