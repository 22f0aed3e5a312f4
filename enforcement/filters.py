from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from enforcement.models import Complaint, Flag, SweepRun
from enforcement.rules import RULES
from enforcement.states import ComplaintKind, ComplaintState, EscalationLevel, FlagSeverity, SweepState
from registry.filters import OfFacilityFilter, provinces
from registry.ui.filters import DayFilter, FilterSet, FromDayFilter, UntilDayFilter


class FlagFilter(OfFacilityFilter):
    rule = django_filters.MultipleChoiceFilter(label=_("Rule"), choices=[(rule.code, rule.title) for rule in RULES])
    severity = django_filters.MultipleChoiceFilter(label=_("Severity"), choices=FlagSeverity.choices)
    level = django_filters.MultipleChoiceFilter(label=_("Escalated to"), choices=EscalationLevel.choices)
    state = django_filters.ChoiceFilter(
        label=_("State"), choices=[("open", _("Open")), ("cleared", _("Cleared"))], method="by_state"
    )
    raised_from = DayFilter(label=_("Raised from"), field_name="raised_on", lookup_expr="gte")
    raised_until = DayFilter(label=_("Raised until"), field_name="raised_on", lookup_expr="lte")

    class Meta(FilterSet.Meta):
        model = Flag
        fields: list[str] = []

    def by_state(self, rows: QuerySet[Flag], name: str, value: str) -> QuerySet[Flag]:
        return rows.filter(cleared_on__isnull=value == "open")


class SweepRunFilter(FilterSet):
    state = django_filters.MultipleChoiceFilter(label=_("State"), choices=SweepState.choices)
    as_of_from = DayFilter(label=_("As of, from"), field_name="as_of", lookup_expr="gte")
    as_of_until = DayFilter(label=_("As of, until"), field_name="as_of", lookup_expr="lte")

    class Meta(FilterSet.Meta):
        model = SweepRun
        fields: list[str] = []


class ComplaintFilter(OfFacilityFilter):
    state = django_filters.MultipleChoiceFilter(label=_("State"), choices=ComplaintState.choices)
    kind = django_filters.MultipleChoiceFilter(label=_("About"), choices=ComplaintKind.choices)
    province = django_filters.ModelChoiceFilter(label=_("Province"), queryset=provinces, to_field_name="code")
    overdue = django_filters.ChoiceFilter(
        label=_("Time"), choices=[("yes", _("Nobody has looked into it in time"))], method="by_time"
    )
    whose = django_filters.ChoiceFilter(
        label=_("Handled by"), choices=[("mine", _("Me")), ("nobody", _("Nobody yet"))], method="by_handler"
    )
    since = FromDayFilter("received_at", label=_("Received from"))
    until = UntilDayFilter("received_at", label=_("Received until"))

    class Meta(FilterSet.Meta):
        model = Complaint
        fields: list[str] = []

    def by_time(self, rows: Any, name: str, value: str) -> Any:
        return rows.overdue(timezone.localdate())

    def by_handler(self, rows: QuerySet[Complaint], name: str, value: str) -> QuerySet[Complaint]:
        return rows.filter(handler=self.user if value == "mine" else None)
