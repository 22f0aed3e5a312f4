"""What people type to try the order of work on the past."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from registry.ui.forms import DayField, PageForm

LONGEST_DAYS = 3653


class ReplayForm(PageForm):
    from_on = DayField(label=gettext_lazy("Visits from"))
    until_on = DayField(label=gettext_lazy("Visits until"))
    per_week = forms.IntegerField(
        label=gettext_lazy("Visits a week"),
        min_value=1,
        max_value=1000,
        required=False,
        help_text=gettext_lazy("Empty: as many as were really made, on average."),
    )

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        first, last = typed.get("from_on"), typed.get("until_on")
        if first and last and last < first:
            self.add_error("until_on", _("The period ends before it begins."))
        elif first and last and (last - first).days > LONGEST_DAYS:
            self.add_error("until_on", _("Choose at most ten years."))
        return typed
