from datetime import date, timedelta

import django_filters
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from licensing.models import Licence, LicenceType
from licensing.states import LicenceState
from registry.filters import OfFacilityFilter
from registry.states import Authority
from registry.ui.filters import DayFilter, FilterSet


class LicenceFilter(OfFacilityFilter):
    q = django_filters.CharFilter(label=_("Licence number, or name or number of the facility"), method="by_words")
    state = django_filters.MultipleChoiceFilter(label=_("State"), choices=LicenceState.choices)
    in_force_on = DayFilter(label=_("In force on"), method="by_day")
    expiring_within = django_filters.NumberFilter(
        label=_("Ends within so many days"), min_value=0, max_value=3650, method="by_expiry"
    )
    type = django_filters.ModelMultipleChoiceFilter(
        label=_("Licence type"),
        queryset=LicenceType.objects.order_by("code"),
        field_name="type__code",
        to_field_name="code",
    )
    authority = django_filters.ChoiceFilter(
        label=_("Issuing authority"), field_name="type__authority", choices=Authority.choices
    )

    class Meta(FilterSet.Meta):
        model = Licence
        fields: list[str] = []

    def by_words(self, rows: QuerySet[Licence], name: str, value: str) -> QuerySet[Licence]:
        numbered = rows.filter(number__iexact=" ".join(value.split()))
        return numbered if numbered.exists() else self.by_facility(rows, name, value)

    def by_day(self, rows: QuerySet[Licence], name: str, value: date) -> QuerySet[Licence]:
        return rows.in_force(value)  # type: ignore[attr-defined]

    def by_expiry(self, rows: QuerySet[Licence], name: str, value: int) -> QuerySet[Licence]:
        """Licences in force today whose last day is at most so many days away."""
        today = timezone.localdate()
        return rows.in_force(today).filter(last_day__lte=today + timedelta(days=int(value)))  # type: ignore[attr-defined]
