"""Forms about what a facility has to put right."""

from django import forms
from django.utils.translation import gettext_lazy

from inspections.policies import EVIDENCE_LENGTH, NOTE_LENGTH
from registry.ui.forms import DayField, PageForm


class EvidenceForm(PageForm):
    text = forms.CharField(
        label=gettext_lazy("What was done?"), widget=forms.Textarea(attrs={"rows": 5}), max_length=EVIDENCE_LENGTH
    )
    upload = forms.FileField(
        label=gettext_lazy("Photo or PDF"),
        help_text=gettext_lazy("It shows that the work is done. At most 10 MB."),
        widget=forms.FileInput(
            attrs={"accept": "image/jpeg,image/png,image/webp,application/pdf", "class": "govuk-file-upload"}
        ),
        required=False,
    )
    name = forms.CharField(label=gettext_lazy("Name of the person who says so"), max_length=200)


class ExtendForm(PageForm):
    due_on = DayField(label=gettext_lazy("New day"))
    reason = forms.CharField(
        label=gettext_lazy("Reason"), widget=forms.Textarea(attrs={"rows": 4}), max_length=NOTE_LENGTH
    )
