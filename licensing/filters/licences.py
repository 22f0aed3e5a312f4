from datetime import date, timedelta
from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from licensing.models import Condition, Licence, LicenceType, ServiceAuthorisation
from licensing.states import ConditionState, LicenceState
from registry.areas.models import Area
from registry.filters import OfFacilityFilter, provinces
from registry.models import Facility, Service
from registry.states import Authority
from registry.ui.filters import DayFilter, FilterSet


class GrantFilter(OfFacilityFilter):
    q = django_filters.CharFilter(label=_("Number, or name or number of the facility"), method="by_words")
    state = django_filters.MultipleChoiceFilter(label=_("State"), choices=LicenceState.choices)
    in_force_on = DayFilter(label=_("In force on"), method="by_day")
    expiring_within = django_filters.NumberFilter(
        label=_("Ends within so many days"), min_value=0, max_value=3650, method="by_expiry"
    )

    def by_words(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        numbered = rows.filter(number__iexact=" ".join(value.split()))
        return numbered if numbered.exists() else self.by_facility(rows, name, value)

    def by_day(self, rows: Any, name: str, value: date) -> QuerySet[Any]:
        return rows.in_force(value)

    def by_expiry(self, rows: Any, name: str, value: int) -> QuerySet[Any]:
        """Those in force today whose last day is at most so many days away."""
        today = timezone.localdate()
        return rows.in_force(today).filter(last_day__lte=today + timedelta(days=int(value)))


class LicenceFilter(GrantFilter):
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


class AuthorisationFilter(GrantFilter):
    service = django_filters.ModelMultipleChoiceFilter(
        label=_("Service"),
        queryset=Service.objects.filter(needs_authorisation=True).order_by("code"),
        field_name="service__code",
        to_field_name="code",
    )

    class Meta(FilterSet.Meta):
        model = ServiceAuthorisation
        fields: list[str] = []


class ConditionFilter(FilterSet):
    q = django_filters.CharFilter(label=_("Words of the condition, or name of the facility"), method="by_words")
    state = django_filters.MultipleChoiceFilter(label=_("State"), choices=ConditionState.choices)
    overdue = django_filters.ChoiceFilter(label=_("Day"), choices=[("yes", _("Overdue"))], method="by_day")
    province = django_filters.ModelChoiceFilter(
        label=_("Province"), queryset=provinces, to_field_name="code", method="by_province"
    )

    class Meta(FilterSet.Meta):
        model = Condition
        fields: list[str] = []

    def by_words(self, rows: QuerySet[Condition], name: str, value: str) -> QuerySet[Condition]:
        found = Facility.objects.matching(value).values("pk")
        return rows.filter(
            Q(text__icontains=value) | Q(licence__facility__in=found) | Q(authorisation__facility__in=found)
        )

    def by_day(self, rows: Any, name: str, value: str) -> QuerySet[Condition]:
        return rows.overdue(timezone.localdate())

    def by_province(self, rows: QuerySet[Condition], name: str, value: Area) -> QuerySet[Condition]:
        return rows.filter(Q(licence__facility__province=value) | Q(authorisation__facility__province=value))
