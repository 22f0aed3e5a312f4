from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from licensing.models import LicenceType
from registry.models import Facility
from registry.ui.forms import CodeField, DayField, PageForm

NUMBER = RegexValidator(
    # A number is part of an address: no slash at its edges or beside another.
    r"^(?!/)(?!.*//)(?!.*/$)[^?#%\\]+$",
    _("A licence number has no signs like ? # %% \\ and no slash at its beginning or end."),
)


class RecordLicenceForm(PageForm):
    """What stands on a licence."""

    type = forms.ModelChoiceField(
        LicenceType.objects.none(), label=_("Licence type"), empty_label=None, widget=forms.RadioSelect
    )
    number = CodeField(
        label=_("Licence number"), max_length=40, validators=[NUMBER], help_text=_("As written on the licence.")
    )
    valid_from = DayField(label=_("First day"))
    valid_until = DayField(label=_("Last day"), help_text=_("The licence still holds on this day."))

    def __init__(self, *arguments: Any, facility: Facility, **options: Any) -> None:
        super().__init__(*arguments, **options)
        types = LicenceType.objects.filter(facility_types=facility.type_id).order_by("code")
        self.fields["type"].queryset = types  # type: ignore[attr-defined]

    def clean_number(self) -> str:
        return " ".join(self.cleaned_data["number"].split())


class ReasonForm(PageForm):
    reason = forms.CharField(
        label=_("Reason"), help_text=_("It is kept in the history."), widget=forms.Textarea(attrs={"rows": 4})
    )


class EndForm(ReasonForm):
    ended_on = DayField(label=_("First day without the licence"))
    field_order = ["ended_on", "reason"]
