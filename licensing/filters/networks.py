from typing import Any

import django_filters
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from registry.core.khmer import search_key
from registry.models import Network
from registry.states import NetworkKind
from registry.ui.filters import FilterSet


class NetworkFilter(FilterSet):
    q = django_filters.CharFilter(label=_("Name or telephone"), method="by_words")
    kind = django_filters.MultipleChoiceFilter(label=_("What they share"), choices=NetworkKind.choices)
    unlicensed = django_filters.ChoiceFilter(
        label=_("Unlicensed sites"), choices=[("yes", _("Some")), ("no", _("None"))], method="by_unlicensed"
    )

    class Meta(FilterSet.Meta):
        model = Network
        fields: list[str] = []

    def by_words(self, rows: Any, name: str, value: str) -> Any:
        return rows.filter(*[Q(sort_key__contains=word) for word in search_key(value).split()])

    def by_unlicensed(self, rows: Any, name: str, value: str) -> Any:
        return rows.filter(unlicensed__gt=0) if value == "yes" else rows.filter(unlicensed=0)
