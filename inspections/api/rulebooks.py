"""Checklists and rulesets, each version as it was published."""

from typing import Any

from django.db.models import Prefetch, QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from inspections.models import Band, ChecklistItem, ChecklistSection, ChecklistVersion, GridCell, Ruleset
from inspections.states import AnswerKind, BandCode, Scope, Severity, VersionState
from registry.ui.api import Choice, Names, ReadOnlyViewSet, Text

LIST_OF_TEXTS = {"type": "array", "items": {"type": "string"}}
APPLIES_WHEN = {
    "type": "object",
    "properties": dict.fromkeys(("types", "levels", "services"), LIST_OF_TEXTS),
}
ASKED_IF = {
    "type": "array",
    "items": {"type": "object", "properties": {"item": {"type": "string"}, "is": LIST_OF_TEXTS}},
}
CHOICES = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {name: {"type": "string"} for name in ("code", "label_km", "label_en")},
    },
}


@extend_schema_field(APPLIES_WHEN)
class AppliesWhen(serializers.JSONField):
    """Codes of which one must fit; what is not named does not matter."""


@extend_schema_field(ASKED_IF)
class AskedIf(serializers.JSONField):
    """Conditions on earlier items, all of which must hold."""


@extend_schema_field(CHOICES)
class Choices(serializers.JSONField):
    """The answers to choose from."""


class ItemSerializer(serializers.Serializer[ChecklistItem]):
    """One question; in answers its name is that of its section, a dot and its own code."""

    code = serializers.CharField()
    label_km = Text()
    label_en = Text()
    heading_km = Text()
    heading_en = Text()
    guidance_km = Text()
    guidance_en = Text()
    kind = serializers.ChoiceField(AnswerKind.choices)
    unit = Text()
    choices = Choices()
    required = serializers.BooleanField()  # type: ignore[assignment]
    applies_when = AppliesWhen()
    asked_if = AskedIf()
    weight = serializers.FloatField()
    critical = serializers.BooleanField()
    clause = Text()
    severity = serializers.ChoiceField(Severity.choices)


class SectionSerializer(serializers.Serializer[ChecklistSection]):
    """A part of a checklist."""

    code = serializers.CharField()
    name = Names(source="*")
    scored = serializers.BooleanField()
    applies_when = AppliesWhen()
    items = ItemSerializer(source="in_order", many=True)


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "A version",
            {
                "id": 7,
                "code": "jhic",
                "version": 2,
                "name": {"km": "បញ្ជីត្រួតពិនិត្យ", "en": "Checklist"},
                "state": "published",
                "published_at": "2026-01-04T09:05:00+07:00",
                "sections": [
                    {
                        "code": "S02",
                        "name": {"km": "អនាម័យ", "en": "Hygiene"},
                        "scored": True,
                        "applies_when": {"services": ["surgery"]},
                        "items": [
                            {
                                "code": "A01",
                                "label_km": "មានសាប៊ូ",
                                "label_en": "There is soap.",
                                "heading_km": None,
                                "heading_en": None,
                                "guidance_km": None,
                                "guidance_en": None,
                                "kind": "compliance",
                                "unit": None,
                                "choices": [],
                                "required": False,
                                "applies_when": {},
                                "asked_if": [],
                                "weight": 1.0,
                                "critical": False,
                                "clause": "2.1",
                                "severity": 2,
                            }
                        ],
                    }
                ],
            },
        )
    ]
)
class ChecklistVersionSerializer(serializers.Serializer[ChecklistVersion]):
    """One edition of a checklist."""

    id = serializers.IntegerField()
    code = serializers.CharField(source="checklist.code")
    version = serializers.IntegerField(source="number")
    name = Names(source="checklist")
    state = serializers.ChoiceField(VersionState.choices)
    published_at = serializers.DateTimeField(allow_null=True)
    sections = SectionSerializer(source="in_order", many=True)


class BandSerializer(serializers.Serializer[Band]):
    """A half-open interval of percentages and what it means."""

    band = serializers.ChoiceField(BandCode.choices, source="code")
    from_percent = serializers.FloatField()
    below_percent = serializers.FloatField(allow_null=True)
    months_to_next_visit = serializers.IntegerField(allow_null=True)
    closure_at_visit = serializers.IntegerField(allow_null=True)


class GridCellSerializer(serializers.Serializer[GridCell]):
    """What one severity and one scope together are called, and how many working days there are to put it right."""

    severity = serializers.ChoiceField(Severity.choices)
    scope = serializers.ChoiceField(Scope.choices)
    letter = serializers.CharField()
    correction_days = serializers.IntegerField(allow_null=True)


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "A ruleset",
            {
                "id": 3,
                "code": "jhic",
                "version": 1,
                "name": "Joint rules",
                "source": None,
                "state": "published",
                "valid_from": "2020-01-01",
                "valid_until": None,
                "decimal_places": 2,
                "hard_maximum_months": 24,
                "grace_months": 3,
                "critical_cap": "minimally_compliant",
                "unlicensed_band": "non_compliant",
                "longest_by_type": {"pharmacy": 12},
                "bands": [
                    {
                        "band": "non_compliant",
                        "from_percent": 0.0,
                        "below_percent": 10.0,
                        "months_to_next_visit": None,
                        "closure_at_visit": 1,
                    }
                ],
                "grid": [{"severity": 2, "scope": 2, "letter": "E", "correction_days": 45}],
            },
        )
    ]
)
class RulesetSerializer(serializers.Serializer[Ruleset]):
    """How answers become a band and a next due date."""

    id = serializers.IntegerField()
    code = serializers.CharField()
    version = serializers.IntegerField(source="number")
    name = serializers.CharField()
    source = Text()  # type: ignore[assignment]
    state = serializers.ChoiceField(VersionState.choices)
    valid_from = serializers.DateField()
    valid_until = serializers.DateField(allow_null=True)
    decimal_places = serializers.IntegerField()
    hard_maximum_months = serializers.IntegerField()
    grace_months = serializers.IntegerField()
    critical_cap = Choice(BandCode.choices, allow_null=True)
    unlicensed_band = Choice(BandCode.choices, allow_null=True)
    longest_by_type = serializers.DictField(child=serializers.IntegerField())
    bands = BandSerializer(source="in_order", many=True)
    grid = GridCellSerializer(source="cells", many=True)


class ChecklistVersionViewSet(ReadOnlyViewSet):
    """Versions of checklists with all their sections and items, the newest first."""

    queryset: QuerySet[Any] = ChecklistVersion.objects.select_related("checklist").prefetch_related(
        Prefetch(
            "sections",
            ChecklistSection.objects.order_by("position").prefetch_related(
                Prefetch("items", ChecklistItem.objects.order_by("position"), to_attr="in_order")
            ),
            to_attr="in_order",
        )
    )
    serializer_class = ChecklistVersionSerializer
    lookup_field = "id"
    lookup_value_regex = "[0-9]{1,18}"
    ordering = ("-pk",)


class RulesetViewSet(ReadOnlyViewSet):
    """Versions of rulesets with their bands and grid, the newest first."""

    queryset: QuerySet[Any] = Ruleset.objects.prefetch_related(
        Prefetch("bands", Band.objects.order_by("from_percent"), to_attr="in_order"),
        Prefetch("grid", GridCell.objects.order_by("severity", "scope"), to_attr="cells"),
    )
    serializer_class = RulesetSerializer
    lookup_field = "id"
    lookup_value_regex = "[0-9]{1,18}"
    ordering = ("-pk",)
