"""What people type about back-checks."""

import secrets
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from inspections.models import BackCheck
from registry.accounts.models import User
from registry.ui.forms import DayField, PageForm

HIGHEST_SEED = 2**31 - 1


def any_seed() -> int:
    return secrets.randbelow(HIGHEST_SEED) + 1


class DrawForm(PageForm):
    from_on = DayField(label=gettext_lazy("Visits from"))
    until_on = DayField(label=gettext_lazy("Visits until"))
    percent = forms.DecimalField(
        label=gettext_lazy("Share of each inspector's visits, in per cent"),
        min_value=Decimal("0.01"),
        max_value=100,
        max_digits=5,
        decimal_places=2,
        initial=5,
        help_text=gettext_lazy("Rounded, but at least one visit of each inspector."),
    )
    seed = forms.IntegerField(
        label=gettext_lazy("Seed"),
        min_value=0,
        max_value=HIGHEST_SEED,
        initial=any_seed,
        help_text=gettext_lazy("Any number. Whoever knows it can draw the same sample again and so check it."),
    )


class RepeatForm(PageForm):
    inspector = forms.ModelChoiceField(label=gettext_lazy("Inspector"), queryset=User.objects.none())
    planned_on = DayField(label=gettext_lazy("Day of the visit"))

    def __init__(self, *arguments: Any, check: BackCheck, **options: Any) -> None:
        super().__init__(*arguments, **options)
        facility = check.original.facility
        people = User.objects.inspectors_of(facility.province_id) if facility.province_id else User.objects.none()
        others = people.exclude(pk=check.original.inspector_id).order_by("username")
        self.fields["inspector"].queryset = others  # type: ignore[attr-defined]
