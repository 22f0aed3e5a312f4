"""Where things are: the gazetteer now in force, and the health districts."""

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from registry.areas.models import Area, OperationalDistrict
from registry.areas.states import AreaLevel
from registry.core.khmer import search_key
from registry.ui.api import Names, ReadOnlyViewSet
from registry.ui.filters import FilterSet

NAME = "Part of the Khmer or Latin name, however it is spelt."


class KindSerializer(serializers.Serializer[Area]):
    """What such an area is called, such as Khan or Sangkat."""

    km = serializers.CharField(source="kind_km", help_text="In Khmer script.")
    en = serializers.CharField(source="kind_en", help_text="In Latin letters.")


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "A district",
            {
                "code": "1202",
                "level": "district",
                "name": {"km": "ដូនពេញ", "en": "Doun Penh"},
                "kind": {"km": "ខណ្ឌ", "en": "Khan"},
                "parent": "12",
                "province": "12",
            },
        )
    ]
)
class AreaSerializer(serializers.Serializer[Area]):
    """A province, district, commune or village of the official gazetteer."""

    code = serializers.CharField(help_text="Official code: text of 2, 4, 6 or 8 digits, zeros in front included.")
    level = serializers.ChoiceField(AreaLevel.choices)
    name = Names(source="*")
    kind = KindSerializer(source="*")
    parent = serializers.CharField(  # type: ignore[assignment]
        source="parent.code", default=None, allow_null=True, help_text="Code of the area it is part of."
    )
    province = serializers.CharField(source="province.code", help_text="Code of its province.")


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "A health district",
            {"code": "1201", "name": {"km": "ចតុមុខ", "en": "Chaktomuk"}, "province": "12"},
        )
    ]
)
class OperationalDistrictSerializer(serializers.Serializer[OperationalDistrict]):
    """A health district of a province. Its bounds are not those of the administration."""

    code = serializers.CharField(help_text="Code of the health system, not of the gazetteer.")
    name = Names(source="*")
    province = serializers.CharField(source="province.code", help_text="Code of its province.")


class AreaFilter(FilterSet):
    q = django_filters.CharFilter(label=NAME, method="by_name")
    level = django_filters.MultipleChoiceFilter(label="Level", choices=AreaLevel.choices)
    parent = django_filters.CharFilter("parent__code", label="Code of the area it is part of.")
    province = django_filters.CharFilter("province__code", label="Code of its province.")

    class Meta(FilterSet.Meta):
        model = Area
        fields: list[str] = []

    def by_name(self, rows: QuerySet[Area], name: str, value: str) -> QuerySet[Area]:
        return rows.filter(Q(*[("search_key__contains", word) for word in search_key(value).split()]))


class OperationalDistrictFilter(FilterSet):
    province = django_filters.CharFilter("province__code", label="Code of its province.")

    class Meta(FilterSet.Meta):
        model = OperationalDistrict
        fields: list[str] = []


class AreaViewSet(ReadOnlyViewSet):
    """Areas of the gazetteer now in force, by code."""

    queryset: QuerySet[Any] = Area.objects.filter(valid_to=None).select_related("parent", "province")
    serializer_class = AreaSerializer
    filterset_class = AreaFilter
    lookup_field = "code"
    ordering = ("code",)


class OperationalDistrictViewSet(ReadOnlyViewSet):
    """Health districts, by code."""

    queryset: QuerySet[Any] = OperationalDistrict.objects.select_related("province")
    serializer_class = OperationalDistrictSerializer
    filterset_class = OperationalDistrictFilter
    lookup_field = "code"
    ordering = ("code",)
