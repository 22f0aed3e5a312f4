"""Forms about a visit as a whole."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from inspections.models import ChecklistVersion, Visit
from inspections.policies import NOTE_LENGTH
from inspections.states import LicenceSeen, Purpose, VisitOutcome
from registry.accounts.models import User
from registry.accounts.states import Role
from registry.models import Facility
from registry.ui.forms import DayField, PageForm


class PlanForm(PageForm):
    inspector = forms.ModelChoiceField(label=gettext_lazy("Inspector"), queryset=User.objects.none())
    planned_on = DayField(label=gettext_lazy("Day of the visit"))
    purpose = forms.ChoiceField(label=gettext_lazy("Purpose"), choices=Purpose.choices)
    checklist_version = forms.ModelChoiceField(
        label=gettext_lazy("Checklist"), queryset=ChecklistVersion.objects.none(), empty_label=None
    )
    announced = forms.BooleanField(label=gettext_lazy("The facility is told beforehand"), required=False)

    def __init__(self, *arguments: Any, facility: Facility, user: User, **options: Any) -> None:
        super().__init__(*arguments, **options)
        versions = ChecklistVersion.objects.published().filter(checklist__facility_types=facility.type_id)
        self.fields["checklist_version"].queryset = versions.select_related("checklist").order_by("checklist__code")  # type: ignore[attr-defined]
        people = User.objects.inspectors_of(facility.province_id).order_by("username")
        if user.role == Role.INSPECTOR:
            people = people.filter(pk=user.pk)
            self.fields["inspector"].initial = user
            self.fields["inspector"].empty_label = None  # type: ignore[attr-defined]
        self.fields["inspector"].queryset = people  # type: ignore[attr-defined]


class SubmitForm(PageForm):
    visited_on = DayField(label=gettext_lazy("Day of the visit"))
    outcome = forms.ChoiceField(
        label=gettext_lazy("How did the visit end?"), choices=VisitOutcome.choices, widget=forms.RadioSelect
    )
    licence_seen = forms.ChoiceField(
        label=gettext_lazy("What licence did the facility show?"),
        choices=[choice for choice in LicenceSeen.choices if choice[0] != LicenceSeen.NOT_NEEDED],
        widget=forms.RadioSelect,
    )
    note = forms.CharField(
        label=gettext_lazy("Remarks"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=NOTE_LENGTH,
        required=False,
    )

    def __init__(self, *arguments: Any, visit: Visit, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.licence_needed = visit.facility.type.licence_needed
        if not self.licence_needed:
            del self.fields["licence_seen"]

    def clean(self) -> dict[str, Any]:
        sent = super().clean() or {}
        if not self.licence_needed:
            sent["licence_seen"] = LicenceSeen.NOT_NEEDED
        elif sent.get("outcome") != VisitOutcome.COMPLETED:
            self.errors.pop("licence_seen", None)
            sent["licence_seen"] = ""
        return sent


class ReasonForm(PageForm):
    reason = forms.CharField(
        label=gettext_lazy("Reason"), widget=forms.Textarea(attrs={"rows": 4}), max_length=NOTE_LENGTH
    )
