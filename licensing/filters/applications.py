import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from licensing.models import Appeal, Application, LicenceType
from licensing.states import AppealOutcome, ApplicationKind, ApplicationState
from registry.areas.models import Area
from registry.core.khmer import ascii_digits
from registry.filters import provinces
from registry.models import Facility, Operator
from registry.ui.filters import FilterSet, FromDayFilter, UntilDayFilter


class ApplicationFilter(FilterSet):
    q = django_filters.CharFilter(
        label=_("Reference number, or name of the operator or the facility"), method="by_words"
    )
    kind = django_filters.MultipleChoiceFilter(label=_("Application"), choices=ApplicationKind.choices)
    state = django_filters.MultipleChoiceFilter(label=_("State"), choices=ApplicationState.choices)
    type = django_filters.ModelMultipleChoiceFilter(
        label=_("Licence type"),
        queryset=LicenceType.objects.order_by("code"),
        field_name="type__code",
        to_field_name="code",
    )
    province = django_filters.ModelChoiceFilter(
        label=_("Province"), queryset=provinces, to_field_name="code", method="by_province"
    )
    handed_in_from = FromDayFilter(label=_("Handed in from"), field_name="submitted_at")
    handed_in_until = UntilDayFilter(label=_("Handed in until"), field_name="submitted_at")
    due = django_filters.ChoiceFilter(
        label=_("Decision"), choices=[("overdue", _("Overdue")), ("running", _("Due"))], method="by_due"
    )
    operator = django_filters.ModelChoiceFilter(
        label=_("Operator"), queryset=Operator.objects.all(), widget=forms.HiddenInput
    )

    class Meta(FilterSet.Meta):
        model = Application
        fields: list[str] = []

    def by_words(self, rows: QuerySet[Application], name: str, value: str) -> QuerySet[Application]:
        numbered = rows.filter(number__istartswith="".join(ascii_digits(value).split()))
        if numbered.exists():
            return numbered
        of_operator = Q(operator__in=Operator.objects.matching(value).values("pk"))
        return rows.filter(of_operator | Q(facility__in=Facility.objects.matching(value).values("pk")))

    def by_province(self, rows: QuerySet[Application], name: str, value: Area) -> QuerySet[Application]:
        return rows.filter(Q(facility__province=value) | Q(facility=None, proposal__area__startswith=value.code))

    def by_due(self, rows: QuerySet[Application], name: str, value: str) -> QuerySet[Application]:
        today = timezone.localdate()
        running = rows.at_the_authority()  # type: ignore[attr-defined]
        return running.filter(due_on__lt=today) if value == "overdue" else running.filter(due_on__gte=today)


class QueueFilter(ApplicationFilter):
    whose = django_filters.ChoiceFilter(
        label=_("Reviewer"), choices=[("mine", _("I review it")), ("nobody", _("Nobody yet"))], method="by_reviewer"
    )

    def by_reviewer(self, rows: QuerySet[Application], name: str, value: str) -> QuerySet[Application]:
        return rows.filter(reviewer=self.request.user if value == "mine" else None)


class AppealFilter(FilterSet):
    outcome = django_filters.ChoiceFilter(
        label=_("Outcome"),
        choices=[("waiting", _("Waiting for a decision")), *AppealOutcome.choices],
        method="by_outcome",
    )

    class Meta(FilterSet.Meta):
        model = Appeal
        fields: list[str] = []

    def by_outcome(self, rows: QuerySet[Appeal], name: str, value: str) -> QuerySet[Appeal]:
        return rows.filter(decided_at=None) if value == "waiting" else rows.filter(outcome=value)
