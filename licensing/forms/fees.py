import re
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from licensing.forms.licences import ReasonForm
from licensing.rules.riel import riel
from licensing.states import PaymentMethod
from registry.core.khmer import ascii_digits
from registry.ui.forms import CodeField, DayField, FilterForm, PageForm

THOUSANDS = re.compile(r"[0-9]{1,3}(?:([,. \u00a0\u202f])[0-9]{3})(?:\1[0-9]{3})*")
"""1,200,000, 1.200.000 or 1 200 000: one sign between groups of three."""


class RielField(forms.IntegerField):
    """An amount in riel, as people write it: Khmer or ASCII digits, thousands apart or not, no decimals."""

    widget = forms.TextInput(attrs={"class": "govuk-input--width-10", "inputmode": "numeric"})
    default_error_messages = {
        "invalid": _("Write the amount in whole riel, like 1,200,000."),
    }

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"min_value": 0, "max_value": 10**12, **options})

    def prepare_value(self, value: Any) -> Any:
        return riel(value) if isinstance(value, int) else value

    def to_python(self, value: Any) -> int | None:
        if isinstance(value, str):
            value = ascii_digits(value).strip().removesuffix("៛").strip()
            if match := THOUSANDS.fullmatch(value):
                value = value.replace(match[1], "")
            elif value and not (value.isascii() and value.isdecimal()):
                raise ValidationError(self.error_messages["invalid"], code="invalid")
        return super().to_python(value)


class PaymentForm(PageForm):
    amount_khr = RielField(label=_("Amount received, in riel"))
    method = forms.ChoiceField(label=_("Paid by"), choices=PaymentMethod.choices, widget=forms.RadioSelect)
    paid_on = DayField(label=_("Paid on"))
    receipt_number = CodeField(
        label=_("Receipt number"), max_length=40, help_text=_("Of the receipt that the payer was given.")
    )
    reference = CodeField(
        label=_("Reference of the bank"),
        max_length=80,
        required=False,
        help_text=_("Needed for KHQR and bank transfers."),
    )


class RefundForm(ReasonForm):
    amount_khr = RielField(label=_("Amount paid back, in riel"))
    refunded_on = DayField(label=_("Paid back on"))
    field_order = ["amount_khr", "refunded_on", "reason"]


class DayRangeForm(FilterForm):
    """A first and a last day, both included."""

    first = DayField(label=_("From"))
    last = DayField(label=_("Until"))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        first, last = cleaned.get("first"), cleaned.get("last")
        if isinstance(first, date) and isinstance(last, date) and last < first:
            self.add_error("last", _("The last day lies before the first one."))
        return cleaned
