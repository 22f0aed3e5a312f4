"""Forms about a facility's wish to be inspected again."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from inspections.models import ChecklistVersion
from inspections.policies import NOTE_LENGTH
from registry.models import Facility
from registry.ui.forms import DayField, PageForm


class RequestForm(PageForm):
    asked_on = DayField(label=gettext_lazy("Day on which the facility asked"))
    asked_by_name = forms.CharField(label=gettext_lazy("Who asks"), max_length=200)
    text = forms.CharField(
        label=gettext_lazy("What was put right"), widget=forms.Textarea(attrs={"rows": 5}), max_length=NOTE_LENGTH
    )


class GrantForm(PageForm):
    planned_on = DayField(label=gettext_lazy("Day of the visit"))
    checklist_version = forms.ModelChoiceField(
        label=gettext_lazy("Checklist"), queryset=ChecklistVersion.objects.none(), empty_label=None
    )
    announced = forms.BooleanField(label=gettext_lazy("The facility is told beforehand"), required=False)

    def __init__(self, *arguments: Any, facility: Facility, **options: Any) -> None:
        super().__init__(*arguments, **options)
        versions = ChecklistVersion.objects.published().filter(checklist__facility_types=facility.type_id)
        self.fields["checklist_version"].queryset = versions.select_related("checklist").order_by("checklist__code")  # type: ignore[attr-defined]
