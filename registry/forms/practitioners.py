"""What people type about practitioners and their postings."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from registry.forms.names import checked
from registry.models import Council, Practitioner
from registry.policies import check_khmer_name, check_latin_name
from registry.states import Cadre
from registry.ui.forms import CodeField, DayField, PageForm, PageModelForm

PROFESSIONS = [("", "–"), *Cadre.choices]


def a_council() -> forms.ModelChoiceField:
    return forms.ModelChoiceField(
        Council.objects.order_by("pk"), label=gettext_lazy("Council"), to_field_name="code", empty_label="–"
    )


class PractitionerForm(PageModelForm):
    """The facts about a practitioner."""

    council = a_council()
    council_number = CodeField(label=gettext_lazy("Council number"), max_length=40)
    cadre = forms.ChoiceField(label=gettext_lazy("Profession"), choices=PROFESSIONS)
    nationality = forms.RegexField(
        "^[A-Z]{2}$",
        label=gettext_lazy("Nationality"),
        help_text=gettext_lazy("The two letters of the country: KH for Cambodia, FR for France."),
        error_messages={"invalid": gettext_lazy("Write the two letters of the country, for example KH.")},
        initial="KH",
        widget=forms.TextInput(attrs={"class": "govuk-input--width-5"}),
    )
    licensed_until = DayField(label=gettext_lazy("Council licence valid until"), required=False)
    permission_number = CodeField(
        label=gettext_lazy("Permission to practise: number"),
        help_text=gettext_lazy("For foreigners only."),
        max_length=40,
        required=False,
    )
    permission_until = DayField(label=gettext_lazy("Permission to practise: last day"), required=False)
    struck_off_on = DayField(
        label=gettext_lazy("Struck off on"),
        help_text=gettext_lazy("The first day on which the council no longer lists this person."),
        required=False,
    )

    class Meta:
        model = Practitioner
        fields = (
            *("council", "council_number", "name_km", "name_en", "cadre", "nationality", "licensed_until"),
            *("permission_number", "permission_until", "struck_off_on"),
        )

    def _post_clean(self) -> None:
        """Nothing is written into the practitioner here: the action does that."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        if self.instance.pk is None:
            del self.fields["struck_off_on"]
        else:
            self.initial["council"] = self.instance.council.code

    def clean_name_km(self) -> str:
        return checked(check_khmer_name, self.cleaned_data["name_km"])

    def clean_name_en(self) -> str:
        return checked(check_latin_name, self.cleaned_data["name_en"])


class KnowinglyForm(PageForm):
    """A responsible person, who may answer for other facilities already."""

    knowingly = forms.BooleanField(
        label=gettext_lazy("It is known that this person answers for other facilities too"), required=False
    )


class PostingForm(KnowinglyForm):
    """A practitioner, found by council and number, who works in a facility."""

    council = a_council()
    council_number = CodeField(
        label=gettext_lazy("Council number"), help_text=gettext_lazy("As on the licence of the council."), max_length=40
    )
    cadre = forms.ChoiceField(label=gettext_lazy("Works as"), choices=PROFESSIONS)
    valid_from = DayField(label=gettext_lazy("Works here since"))
    is_responsible = forms.BooleanField(
        label=gettext_lazy("This is the responsible person of the facility"), required=False
    )
    field_order = ("council", "council_number", "cadre", "valid_from", "is_responsible", "knowingly")

    def __init__(self, *arguments: Any, user: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.user = user

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        council, number = cleaned.pop("council", None), cleaned.pop("council_number", None)
        if council is not None and number:
            known = Practitioner.objects.all().visible_to(self.user)
            cleaned["practitioner"] = known.filter(council=council, council_number__iexact=number).first()
            if cleaned["practitioner"] is None:
                self.add_error(
                    "council_number",
                    _("The register has no practitioner of this council with this number. Register the person first."),
                )
        return cleaned


class LastDayForm(PageForm):
    """When a posting ended."""

    valid_until = DayField(label=gettext_lazy("Last day here"))
