"""Forms about a visit as a whole."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from inspections.models import Visit
from inspections.policies import NOTE_LENGTH
from inspections.states import LicenceSeen, VisitOutcome
from registry.ui.forms import DayField, PageForm


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
