from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from enforcement.filters import FlagFilter, SweepRunFilter
from enforcement.models import Flag, SweepRun
from enforcement.rules import RULES
from enforcement.states import EscalationLevel, FlagSeverity, SweepState
from registry.ui.api import ReadOnlyViewSet, Text


@extend_schema_field({"type": "object", "additionalProperties": True})
class Facts(serializers.JSONField):
    """Values by name, other ones for every rule."""


RULE_CODES = [(rule.code, rule.title) for rule in RULES]


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "An open flag",
            {
                "id": 4711,
                "rule": "inspection_overdue",
                "facility": "KH000013754",
                "severity": 2,
                "facts": {"last_visit_on": "2024-08-01", "due_on": "2026-08-01"},
                "since_on": "2026-08-02",
                "raised_on": "2026-08-02",
                "raised_by": "d4c40e1e-1b1c-4f6e-9f0d-3a4dbb0f6c0c",
                "level": 1,
                "escalates_on": "2026-10-31",
                "cleared_on": None,
                "cleared_by": None,
            },
        )
    ]
)
class FlagSerializer(serializers.Serializer[Flag]):
    """One rule that a facility breaks, and the facts that show it."""

    id = serializers.IntegerField()
    rule = serializers.ChoiceField(RULE_CODES)
    facility = serializers.CharField(source="facility.number", help_text="Number of the facility.")
    severity = serializers.ChoiceField(FlagSeverity.choices)
    facts = Facts(help_text="What the rule read, by name.")
    since_on = serializers.DateField(allow_null=True, help_text="Since when the rule is broken, as far as known.")
    raised_on = serializers.DateField(help_text="The day of the sweep that saw it.")
    raised_by = serializers.UUIDField(source="raised_by_id", help_text="That sweep.")
    level = serializers.ChoiceField(EscalationLevel.choices, help_text="Whom it has reached.")
    escalates_on = serializers.DateField(allow_null=True, help_text="When it goes a level up, if still open.")
    cleared_on = serializers.DateField(allow_null=True, help_text="Null while it is open.")
    cleared_by = serializers.UUIDField(source="cleared_by_id", allow_null=True, help_text="The sweep that saw it gone.")


class RuleCountsSerializer(serializers.Serializer[Any]):
    """What a sweep did to the flags of one rule."""

    raised = serializers.IntegerField()
    cleared = serializers.IntegerField()
    escalated = serializers.IntegerField()
    open = serializers.IntegerField(help_text="Open flags after the sweep.")


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "A completed sweep",
            {
                "id": "d4c40e1e-1b1c-4f6e-9f0d-3a4dbb0f6c0c",
                "as_of": "2026-08-02",
                "rules": ["inspection_overdue"],
                "partial": True,
                "started_by": "schedule",
                "state": "completed",
                "started_at": "2026-08-02T01:30:00+07:00",
                "finished_at": "2026-08-02T01:30:02+07:00",
                "facilities_total": 214,
                "facilities_done": 214,
                "counts": {"inspection_overdue": {"raised": 9, "cleared": 4, "escalated": 2, "open": 131}},
                "failure": None,
            },
        )
    ]
)
class SweepRunSerializer(serializers.Serializer[SweepRun]):
    """One pass of the compliance rules over the register; its counts are of the whole country."""

    id = serializers.UUIDField()
    as_of = serializers.DateField(help_text="The day the rules asked about.")
    rules = serializers.ListField(child=serializers.CharField(), help_text="Codes of the rules.")
    partial = serializers.BooleanField(help_text="Whether rules were left out.")  # type: ignore[assignment]
    started_by = serializers.CharField()
    state = serializers.ChoiceField(SweepState.choices)
    started_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    facilities_total = serializers.IntegerField(help_text="Facilities whose flags could differ.")
    facilities_done = serializers.IntegerField(help_text="Facilities looked at so far.")
    counts = serializers.DictField(child=RuleCountsSerializer(), help_text="By rule.")
    failure = Text(help_text="Why it failed, if it did.")


class FlagViewSet(ReadOnlyViewSet):
    """Flags, the newest first."""

    queryset: QuerySet[Any] = Flag.objects.select_related("facility")
    serializer_class = FlagSerializer
    filterset_class = FlagFilter
    lookup_field = "id"
    ordering = ("-raised_on",)


class SweepRunViewSet(ReadOnlyViewSet):
    """Sweeps, the newest first."""

    queryset: QuerySet[Any] = SweepRun.objects.all()
    serializer_class = SweepRunSerializer
    filterset_class = SweepRunFilter
    lookup_field = "id"
    ordering = ("-started_at",)
