"""What people type about a campaign."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inspections.actions.campaigns import FIELDS, TARGETING
from inspections.models import Campaign, Checklist, ChecklistVersion
from inspections.policies import NOTE_LENGTH
from registry.areas.models import Area
from registry.models import Facility, FacilityType, Service
from registry.ui.forms import CodeField, DayField, PageForm, PageModelForm


class CampaignForm(PageModelForm):
    code = CodeField(
        label=gettext_lazy("Code"),
        max_length=40,
        help_text=gettext_lazy("Latin letters and digits, like cosmetic-2027."),
    )
    letter_on = DayField(label=gettext_lazy("Date of the letter"))
    begins_on = DayField(label=gettext_lazy("Begins on"))
    deadline = DayField(label=gettext_lazy("To be done by"))

    class Meta:
        model = Campaign
        fields = (*FIELDS, *TARGETING)
        widgets = {
            "text": forms.Textarea(attrs={"rows": 6}),
            **dict.fromkeys(TARGETING, forms.CheckboxSelectMultiple),
        }

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        offered = {
            "checklist": Checklist.objects.filter(versions__in=ChecklistVersion.objects.published()).order_by("code"),
            "facility_types": FacilityType.objects.order_by("pk"),
            "services": Service.objects.order_by("pk"),
            "provinces": Area.objects.in_force().provinces().order_by("sort_key"),
        }
        for name, choices in offered.items():
            self.fields[name].queryset = choices  # type: ignore[attr-defined]

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"].lower()
        forms.SlugField().run_validators(code)
        return code

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        begins, deadline = typed.get("begins_on"), typed.get("deadline")
        if begins and deadline and deadline < begins:
            self.add_error("deadline", _("This day is before the campaign begins."))
        return typed


class AcknowledgeForm(PageForm):
    note = forms.CharField(
        label=gettext_lazy("Note to the ministry"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=NOTE_LENGTH,
        required=False,
    )


class CampaignPlanForm(PageForm):
    planned_on = DayField(label=gettext_lazy("Day of the visits"))
    announced = forms.BooleanField(label=gettext_lazy("The facilities are told beforehand"), required=False)
    facilities = forms.MultipleChoiceField(
        label=gettext_lazy("Facilities to visit"), widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *arguments: Any, facilities: Sequence[Facility], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["facilities"].choices = [  # type: ignore[attr-defined]
            (facility.number, f"{facility} ({facility.number})") for facility in facilities
        ]
