from datetime import timedelta
from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from inspections.models import (
    BackCheck,
    Campaign,
    CampaignTarget,
    Checklist,
    Competence,
    CorrectiveAction,
    Finding,
    ReinspectionRequest,
    Standing,
    Visit,
)
from inspections.reports.prospects import Closure, Moved
from inspections.states import (
    GRID,
    ActionState,
    BandCode,
    CampaignState,
    Purpose,
    RequestState,
    Severity,
    VisitOutcome,
    VisitState,
)
from registry.accounts.models import User
from registry.accounts.states import PROVINCIAL_ROLES, Role
from registry.filters import OfFacilityFilter, provinces
from registry.models import Facility, FacilityType, Interest
from registry.ui.filters import DayFilter, FilterSet, FromDayFilter, UntilDayFilter


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
    taken = django_filters.ChoiceFilter(
        label=_("Team"), choices=[("yes", _("Chosen")), ("no", _("Nobody yet"))], method="by_taken"
    )
    planned_from = DayFilter(label=_("Planned for this day or later"), field_name="planned_on", lookup_expr="gte")
    planned_until = DayFilter(label=_("Planned for this day or earlier"), field_name="planned_on", lookup_expr="lte")
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

    def by_taken(self, rows: QuerySet[Visit], name: str, value: str) -> QuerySet[Visit]:
        unassigned = Q(state=VisitState.PLANNED, inspector=None)
        return rows.filter(~unassigned if value == "yes" else unassigned)


class StandingFilter(OfFacilityFilter):
    of, due_on = "facility__", "next_due_on"

    due = django_filters.ChoiceFilter(
        label=_("Due"), choices=[("overdue", _("Overdue")), ("soon", _("Not yet overdue"))], method="by_due"
    )
    type = django_filters.ModelMultipleChoiceFilter(
        label=_("Type"),
        queryset=FacilityType.objects.order_by("pk"),
        to_field_name="code",
        method="by_type",
    )
    taken = django_filters.ChoiceFilter(
        label=_("Team"), choices=[("yes", _("Chosen")), ("no", _("Nobody yet"))], method="by_taken"
    )
    purpose = django_filters.MultipleChoiceFilter(
        label=_("Planned with the purpose"), choices=Purpose.choices, method="by_purpose"
    )
    band = django_filters.MultipleChoiceFilter(label=_("Band"), choices=BandCode.choices)

    class Meta(FilterSet.Meta):
        model = Standing
        fields: list[str] = []

    def by_due(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        overdue = Q((f"{self.due_on}__lt", timezone.localdate()))
        return rows.filter(overdue if value == "overdue" else ~overdue)

    def by_type(self, rows: QuerySet[Any], name: str, value: list[FacilityType]) -> QuerySet[Any]:
        return rows.filter((f"{self.of}type__in", value)) if value else rows

    def by_taken(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        taken = Q((f"{self.of}pk__in", Visit.objects.open().exclude(inspector=None).values("facility")))
        return rows.filter(taken if value == "yes" else ~taken)

    def by_purpose(self, rows: QuerySet[Any], name: str, value: list[str]) -> QuerySet[Any]:
        planned = Visit.objects.open().filter(purpose__in=value)
        return rows.filter((f"{self.of}pk__in", planned.values("facility")))


class DueFilter(StandingFilter):
    """The same of facilities, by the day on which they are due (`reports.due_list`)."""

    of, due_on = "", "due_on"

    province = django_filters.ModelChoiceFilter(label=_("Province"), queryset=provinces, to_field_name="code")
    band = django_filters.MultipleChoiceFilter(
        label=_("Band"), choices=[*BandCode.choices, ("never", _("Never inspected"))], method="by_band"
    )

    class Meta(FilterSet.Meta):
        model = Facility
        fields: list[str] = []

    def by_facility(self, rows: Any, name: str, value: str) -> Any:
        return rows.filter(pk__in=Facility.objects.matching(value).values("pk"))

    def by_band(self, rows: QuerySet[Any], name: str, value: list[str]) -> QuerySet[Any]:
        never = Q(standing=None) if "never" in value else Q()
        return rows.filter(Q(standing__band__in=value) | never)


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
            return rows.filter(visit_state=None)  # type: ignore[misc]
        states = {
            "planned": (VisitState.PLANNED, VisitState.IN_PROGRESS),
            "visited": (VisitState.SUBMITTED, VisitState.RETURNED),
            "approved": (VisitState.APPROVED,),
        }
        return rows.filter(visit_state__in=states[value])  # type: ignore[misc]


class BackCheckFilter(FilterSet):
    q = django_filters.CharFilter(label=_("Name or number of the facility"), method="by_facility")
    province = django_filters.ModelChoiceFilter(
        label=_("Province"), queryset=provinces, field_name="original__facility__province", to_field_name="code"
    )
    stage = django_filters.ChoiceFilter(
        label=_("Repeat"),
        choices=[("waiting", _("Not assigned")), ("under_way", _("Under way")), ("approved", _("Approved"))],
        method="by_stage",
    )

    class Meta(FilterSet.Meta):
        model = BackCheck
        fields: list[str] = []

    def by_facility(self, rows: QuerySet[BackCheck], name: str, value: str) -> QuerySet[BackCheck]:
        return rows.filter(original__facility__in=Facility.objects.matching(value).values("pk"))

    def by_stage(self, rows: QuerySet[BackCheck], name: str, value: str) -> QuerySet[BackCheck]:
        waiting, approved = Q(repeat=None) | Q(repeat__state=VisitState.CANCELLED), Q(repeat__state=VisitState.APPROVED)
        return rows.filter({"waiting": waiting, "approved": approved}.get(value, ~waiting & ~approved))


class RequestFilter(OfFacilityFilter):
    state = django_filters.MultipleChoiceFilter(label=_("State"), choices=RequestState.choices)

    class Meta(FilterSet.Meta):
        model = ReinspectionRequest
        fields: list[str] = []


class ChangedFilter(OfFacilityFilter):
    change = django_filters.ChoiceFilter(
        label=_("Which facilities"),
        choices=[("all", _("All, changed or not"))],
        empty_label=_("Those that would change"),
        method="by_change",
    )
    band = django_filters.MultipleChoiceFilter(label=_("Band now"), choices=BandCode.choices)
    band_then = django_filters.MultipleChoiceFilter(label=_("Band then"), choices=BandCode.choices)
    moved = django_filters.MultipleChoiceFilter(label=_("Next visit"), choices=Moved.choices)
    closure = django_filters.MultipleChoiceFilter(label=_("Closure"), choices=Closure.choices)

    class Meta(FilterSet.Meta):
        model = Visit
        fields: list[str] = []

    def by_change(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return rows

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        rows = super().filter_queryset(queryset)
        return rows if self.form.cleaned_data.get("change") else rows.filter(changes=True)


class CompetenceFilter(FilterSet):
    person = django_filters.CharFilter(label=_("Name of a person"), method="by_person")
    province = django_filters.ModelChoiceFilter(
        label=_("Province"), queryset=provinces, field_name="person__province", to_field_name="code"
    )
    checklist = django_filters.ModelChoiceFilter(
        label=_("Checklist"), queryset=Checklist.objects.order_by("code"), to_field_name="code"
    )
    validity = django_filters.ChoiceFilter(
        label=_("Validity"),
        choices=[
            ("now", _("In force")),
            ("soon", _("Ending within 90 days")),
            ("over", _("Over")),
        ],
        method="by_validity",
    )

    class Meta(FilterSet.Meta):
        model = Competence
        fields: list[str] = []

    def by_person(self, rows: QuerySet[Competence], name: str, value: str) -> QuerySet[Competence]:
        return rows.filter(named(value, "person"))

    def by_validity(self, rows: QuerySet[Competence], name: str, value: str) -> QuerySet[Competence]:
        today = timezone.localdate()
        if value == "over":
            return rows.filter(valid_until__lt=today)
        now = rows.filter(valid_from__lte=today, valid_until__gte=today)
        return now if value == "now" else now.filter(valid_until__lte=today + ENDING_SOON)


class InterestFilter(FilterSet):
    person = django_filters.CharFilter(label=_("Name of a person"), method="by_person")
    ended = django_filters.ChoiceFilter(
        label=_("State"), choices=[("no", _("In force")), ("yes", _("Ended"))], method="by_ended"
    )

    class Meta(FilterSet.Meta):
        model = Interest
        fields: list[str] = []

    def by_person(self, rows: QuerySet[Interest], name: str, value: str) -> QuerySet[Interest]:
        return rows.filter(named(value, "person"))

    def by_ended(self, rows: QuerySet[Interest], name: str, value: str) -> QuerySet[Interest]:
        return rows.filter(ended_on__isnull=value == "no")


ENDING_SOON = timedelta(days=90)


def named(text: str, path: str) -> Q:
    """People with the text in their user name or in one of their names."""
    parts = ("username", "first_name", "last_name")
    return Q.create([Q(**{f"{path}__{part}__icontains": text}) for part in parts], connector=Q.OR)


class FindingFilter(OfFacilityFilter):
    letter = django_filters.MultipleChoiceFilter(
        label=_("Letter"), field_name="grid", choices=[(letter, letter) for letter in GRID]
    )
    open = django_filters.ChoiceFilter(
        label=_("Corrected"), choices=[("yes", _("Not yet")), ("no", _("Corrected or withdrawn"))], method="by_open"
    )
    severity = django_filters.MultipleChoiceFilter(label=_("Severity"), choices=Severity.choices)
    clause = django_filters.CharFilter(label=_("Clause begins with"), lookup_expr="istartswith")
    visit = django_filters.UUIDFilter(label=_("Visit"), field_name="visit__uuid", widget=forms.HiddenInput)
    since = FromDayFilter(label=_("Recorded on or after"), field_name="recorded_at")
    until = UntilDayFilter(label=_("Recorded on or before"), field_name="recorded_at")

    class Meta(FilterSet.Meta):
        model = Finding
        fields: list[str] = []

    def by_open(self, rows: QuerySet[Finding], name: str, value: str) -> QuerySet[Finding]:
        return rows.filter(corrected_on__isnull=value == "yes")


class CorrectiveActionFilter(OfFacilityFilter):
    which = django_filters.ChoiceFilter(
        label=_("Which"),
        choices=[
            ("open", _("Open")),
            ("overdue", _("Overdue")),
            ("waiting", _("Evidence waits to be looked at")),
            ("closed", _("Verified or withdrawn")),
            ("all", _("All")),
        ],
        method="by_which",
    )
    whose = django_filters.ChoiceFilter(
        label=_("Whose visits"), choices=[("mine", _("My own"))], empty_label=_("Everybody's"), method="by_mine"
    )
    letter = django_filters.MultipleChoiceFilter(
        label=_("Letter"), field_name="finding__grid", choices=[(letter, letter) for letter in GRID]
    )
    due_from = DayFilter(label=_("Due on or after"), field_name="due_on", lookup_expr="gte")
    due_until = DayFilter(label=_("Due on or before"), field_name="due_on", lookup_expr="lte")

    class Meta(FilterSet.Meta):
        model = CorrectiveAction
        fields: list[str] = []

    def by_which(self, rows: Any, name: str, value: str) -> Any:
        chosen = {
            "open": rows.open,
            "overdue": lambda: rows.overdue(timezone.localdate()),
            "waiting": lambda: rows.filter(state=ActionState.EVIDENCE_GIVEN),
            "closed": lambda: rows.filter(state__in=(ActionState.VERIFIED, ActionState.WITHDRAWN)),
        }
        return chosen[value]() if value in chosen else rows

    def by_mine(self, rows: Any, name: str, value: str) -> Any:
        return rows.filter(finding__visit__inspector=self.user)


class OpenActionFilter(CorrectiveActionFilter):
    """On the page what is open comes first: the rest is shown where somebody asks for it."""

    class Meta(CorrectiveActionFilter.Meta):
        pass

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        rows: Any = super().filter_queryset(queryset)
        return rows if self.form.cleaned_data.get("which") else rows.open()
