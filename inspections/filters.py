from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from inspections.models import Campaign, CampaignTarget, Standing, Visit
from inspections.states import BandCode, CampaignState, Purpose, VisitOutcome, VisitState
from registry.accounts.models import User
from registry.accounts.states import PROVINCIAL_ROLES, Role
from registry.filters import OfFacilityFilter
from registry.ui.filters import DayFilter, FilterSet


class VisitFilter(OfFacilityFilter):
    state = django_filters.MultipleChoiceFilter(label=_("State"), choices=VisitState.choices)
    whose = django_filters.ChoiceFilter(
        label=_("Whose visits"), choices=[("mine", _("My own"))], empty_label=_("Everybody's"), method="by_mine"
    )
    inspector = django_filters.ModelChoiceFilter(
        label=_("Inspector"), queryset=User.objects.none(), to_field_name="username"
    )
    purpose = django_filters.MultipleChoiceFilter(label=_("Purpose"), choices=Purpose.choices)
    outcome = django_filters.MultipleChoiceFilter(label=_("Outcome"), choices=VisitOutcome.choices)
    band = django_filters.MultipleChoiceFilter(label=_("Band"), choices=BandCode.choices)
    since = DayFilter(label=_("Visited on or after"), field_name="visited_on", lookup_expr="gte")
    until = DayFilter(label=_("Visited on or before"), field_name="visited_on", lookup_expr="lte")

    class Meta(FilterSet.Meta):
        model = Visit
        fields: list[str] = []

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        people = User.objects.filter(role=Role.INSPECTOR).order_by("username")
        if self.request is not None and self.user.is_authenticated and self.user.role in PROVINCIAL_ROLES:
            people = people.filter(province=self.user.province_id)
        self.filters["inspector"].queryset = people

    def by_mine(self, rows: QuerySet[Visit], name: str, value: str) -> QuerySet[Visit]:
        return rows.filter(inspector=self.user)


class DueFilter(OfFacilityFilter):
    due = django_filters.ChoiceFilter(
        label=_("Due"), choices=[("overdue", _("Overdue")), ("soon", _("Not yet overdue"))], method="by_due"
    )
    band = django_filters.MultipleChoiceFilter(label=_("Band"), choices=BandCode.choices)

    class Meta(FilterSet.Meta):
        model = Standing
        fields: list[str] = []

    def by_due(self, rows: QuerySet[Standing], name: str, value: str) -> QuerySet[Standing]:
        overdue = Q(next_due_on__lt=timezone.localdate())
        return rows.filter(overdue if value == "overdue" else ~overdue)


class CampaignFilter(FilterSet):
    state = django_filters.MultipleChoiceFilter(label=_("State"), choices=CampaignState.choices)

    class Meta(FilterSet.Meta):
        model = Campaign
        fields: list[str] = []


class CampaignTargetFilter(OfFacilityFilter):
    stage = django_filters.ChoiceFilter(
        label=_("Visit"),
        choices=[
            ("none", _("Not planned")),
            ("planned", _("Planned")),
            ("visited", _("Visited")),
            ("approved", _("Approved")),
        ],
        method="by_stage",
    )

    class Meta(FilterSet.Meta):
        model = CampaignTarget
        fields: list[str] = []

    def by_stage(self, rows: QuerySet[CampaignTarget], name: str, value: str) -> QuerySet[CampaignTarget]:
        if value == "none":
            return rows.filter(visit_state=None)
        states = {
            "planned": (VisitState.PLANNED, VisitState.IN_PROGRESS),
            "visited": (VisitState.SUBMITTED, VisitState.RETURNED),
            "approved": (VisitState.APPROVED,),
        }
        return rows.filter(visit_state__in=states[value])
