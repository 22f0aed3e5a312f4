"""What the public is asked."""

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enforcement.policies import MOST_FILES, TEXT_LENGTH
from enforcement.states import ComplaintKind
from registry.areas.models import Area
from registry.core.khmer import ascii_digits
from registry.models import Facility
from registry.ui.forms import CodeField, DayField, PageForm

POINT = re.compile(r"\s*(-?[0-9]{1,2}[.][0-9]+)[\s,;]+(-?[0-9]{1,3}[.][0-9]+)\s*")


class ManyFiles(forms.FileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """No file, one, or a few."""

    widget = ManyFiles(attrs={"accept": "image/jpeg,image/png,image/webp,application/pdf"})

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        files = [super(FilesField, self).clean(file, initial) for file in data or ()]
        if len(files) > MOST_FILES:
            raise ValidationError(_("Choose at most %(most)s files.") % {"most": MOST_FILES}, code="too_many")
        return files


class PointField(forms.CharField):
    """A point as map programs show it: 11.5564, 104.9282."""

    def to_python(self, value: Any) -> tuple[Decimal, Decimal] | None:  # type: ignore[override]
        text = ascii_digits(str(value or ""))
        if not text.strip():
            return None
        match = POINT.fullmatch(text)
        if match is None or not (abs(Decimal(match[1])) <= 90 and abs(Decimal(match[2])) <= 180):
            raise ValidationError(_("Write the point as a map shows it, for example 11.5564, 104.9282."), code="point")
        return round(Decimal(match[1]), 6), round(Decimal(match[2]), 6)


class ComplaintForm(PageForm):
    """About a facility of the register or, without one, about a place that is described."""

    place = forms.CharField(
        label=gettext_lazy("Where is it?"),
        help_text=gettext_lazy("The name on the sign, the street, the village or the market: so that we find it."),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=1000,
    )
    province = forms.ModelChoiceField(
        Area.objects.in_force().provinces().order_by("sort_key"),
        label=gettext_lazy("Province"),
        to_field_name="code",
        required=False,
        empty_label=gettext_lazy("I do not know"),
    )
    point = PointField(
        label=gettext_lazy("Point on the map"),
        help_text=gettext_lazy("If you have it from a map on your telephone, for example 11.5564, 104.9282"),
        max_length=60,
        required=False,
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("What is it about?"), choices=ComplaintKind.choices, widget=forms.RadioSelect
    )
    text = forms.CharField(
        label=gettext_lazy("What happened?"),
        help_text=gettext_lazy("Who, what and when, as you saw it. Leave out your name if nobody is to know it."),
        widget=forms.Textarea(attrs={"rows": 8}),
        max_length=TEXT_LENGTH,
    )
    since_on = DayField(label=gettext_lazy("Since when, or on which day?"), required=False)
    papers = FilesField(
        label=gettext_lazy("Photos or papers"),
        help_text=gettext_lazy("At most 5 pictures or PDF documents, each of 10 MB at most."),
        required=False,
    )
    phone = CodeField(
        label=gettext_lazy("Your telephone"),
        help_text=gettext_lazy(
            "Telephone and e-mail may stay empty. Only the officer who handles your complaint can read them, never the "
            "facility or its inspectors. Without them we cannot ask you anything, unless you come back with your "
            "tracking code."
        ),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "class": "govuk-input--width-20"}),
    )
    email = forms.EmailField(
        label=gettext_lazy("Your e-mail"),
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    confidential = forms.BooleanField(
        label=gettext_lazy("Nobody outside the ministry is to learn who I am"), required=False, initial=True
    )
    token = forms.CharField(widget=forms.HiddenInput, required=False)
    stored = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *arguments: Any, facility: Facility | None, **options: Any) -> None:
        super().__init__(*arguments, **options)
        if facility is not None:
            for name in ("place", "province", "point"):
                del self.fields[name]

    def carried(self) -> list[tuple[str, str]]:
        """What the page before sending carries along, as (name, value)."""
        return [(name, self.data[name]) for name in self.fields if name != "papers" and self.data.get(name)]

    def answers(self) -> list[tuple[Any, Any]]:
        """What was written, for reading once more."""
        kept = self.cleaned_data
        shown = {
            "kind": ComplaintKind(kept["kind"]).label,
            "point": ", ".join(map(str, kept.get("point") or ())),
            "confidential": _("Yes") if kept["confidential"] else _("No"),
        }
        hidden = ("token", "stored", "papers")
        return [
            (field.label, shown.get(name) or kept[name] or "–")
            for name, field in self.fields.items()
            if name not in hidden
        ]

    def facts(self) -> dict[str, Any]:
        """What `complaints.receive` takes, without the facility and the files."""
        return {name: value for name, value in self.cleaned_data.items() if name not in ("token", "stored", "papers")}


class StatusForm(PageForm):
    code = CodeField(
        label=gettext_lazy("Tracking code"),
        help_text=gettext_lazy("Sixteen letters and digits, as they were shown when you sent the complaint."),
        max_length=60,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "class": "govuk-input--width-20"}
        ),
    )


class FurtherMessageForm(PageForm):
    text = forms.CharField(
        label=gettext_lazy("Add something"), widget=forms.Textarea(attrs={"rows": 4}), max_length=TEXT_LENGTH
    )
