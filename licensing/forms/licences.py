from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from licensing.models import LicenceType
from registry.models import Facility, Service
from registry.ui.forms import CodeField, DayField, PageForm

NUMBER = RegexValidator(
    # A number is part of an address: no slash at its edges or beside another.
    r"^(?!/)(?!.*//)(?!.*/$)[^?#%\\]+$",
    _("A licence number has no signs like ? # %% \\ and no slash at its beginning or end."),
)
SEVERAL_LINES = forms.Textarea(attrs={"rows": 4})


class FromPaperForm(PageForm):
    """What stands on every licence and every authorisation."""

    number = CodeField(label=_("Number"), max_length=40, validators=[NUMBER], help_text=_("As written on the paper."))
    valid_from = DayField(label=_("First day"))
    valid_until = DayField(label=_("Last day"), help_text=_("It still holds on this day."))

    def clean_number(self) -> str:
        return " ".join(self.cleaned_data["number"].split())


class RecordLicenceForm(FromPaperForm):
    type = forms.ModelChoiceField(
        LicenceType.objects.none(), label=_("Licence type"), empty_label=None, widget=forms.RadioSelect
    )
    field_order = ["type"]

    def __init__(self, *arguments: Any, facility: Facility, **options: Any) -> None:
        super().__init__(*arguments, **options)
        types = LicenceType.objects.filter(facility_types=facility.type_id).order_by("code")
        self.fields["type"].queryset = types  # type: ignore[attr-defined]


class RecordAuthorisationForm(FromPaperForm):
    service = forms.ModelChoiceField(
        Service.objects.filter(needs_authorisation=True).order_by("code"),
        label=_("Service"),
        empty_label=None,
        widget=forms.RadioSelect,
    )
    field_order = ["service"]


class ReasonForm(PageForm):
    reason = forms.CharField(label=_("Reason"), help_text=_("It is kept in the history."), widget=SEVERAL_LINES)


class EndForm(ReasonForm):
    """`ended_on` and the notice of a revocation."""

    notice_on = DayField(label=_("Notice given on"))
    ended_on = DayField(label=_("First day without it"))
    field_order = ["notice_on", "ended_on", "reason"]


class SurrenderForm(EndForm):
    notice_on = DayField(label=_("Announced by the holder on"), required=False)


class SuspendForm(PageForm):
    grounds = forms.CharField(label=_("Grounds"), help_text=_("They are kept in the history."), widget=SEVERAL_LINES)
    notice_on = DayField(label=_("Notice given on"))
    from_on = DayField(label=_("Suspended from"))
    review_on = DayField(label=_("To be looked at again on"), required=False)


class ConditionForm(PageForm):
    text = forms.CharField(label=_("Condition"), widget=SEVERAL_LINES)
    due_on = DayField(
        label=_("Due on"),
        required=False,
        help_text=_("The last day to meet it. Leave it empty for what holds for ever."),
    )


class MeetForm(PageForm):
    evidence = forms.CharField(label=_("How it was met"), widget=SEVERAL_LINES)
    upload = forms.FileField(
        label=_("Photo or document"),
        required=False,
        widget=forms.FileInput(attrs={"class": "govuk-file-upload", "accept": "image/*,application/pdf"}),
    )
