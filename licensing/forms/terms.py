"""The terms of a licence as one form, and the entries of the short lists of licensing."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inspections.states import BandCode
from licensing.forms.fees import RielField
from licensing.models import AdviceBody, LicenceType, RefusalReason
from licensing.rules.terms import FACTS, Contents
from licensing.states import ApplicationKind
from registry.forms.catalogue import EntryForm
from registry.forms.names import checked
from registry.models import FacilityType
from registry.policies import check_khmer_name, check_latin_name
from registry.ui.forms import CodeField, DayField, PageForm

MOST_MONTHS, MOST_DAYS, FURTHEST_REMINDER, MOST_REMINDERS = 240, 400, 730, 12
NEW_DOCUMENTS = 2
NARROW = {"class": "govuk-input--width-4", "inputmode": "numeric"}


def number(label: Any, most: int, **options: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=1, max_value=most, widget=forms.TextInput(attrs=NARROW), **options)


class KindsField(forms.MultipleChoiceField):
    def __init__(self, **options: Any) -> None:
        super().__init__(
            choices=ApplicationKind.choices, required=False, widget=forms.CheckboxSelectMultiple, **options
        )


class TermsForm(PageForm):
    """Begins as a copy of `like`. A fee left empty is none; a document that no application brings is left out."""

    mark_optional = False
    valid_from = DayField(
        label=gettext_lazy("Hold from"), help_text=gettext_lazy("The first day, tomorrow or later: 31/12/2026.")
    )
    basis = forms.CharField(
        label=gettext_lazy("Rest on"),
        max_length=300,
        help_text=gettext_lazy("The law, decision or letter that says so, with its number and date."),
    )
    validity_months = number(gettext_lazy("A licence is valid for, in months"), MOST_MONTHS)
    visit_needed = forms.BooleanField(label=gettext_lazy("A visit is needed before the licence"), required=False)
    minimum_band = forms.ChoiceField(
        label=gettext_lazy("Lowest band of that visit"),
        choices=[("", gettext_lazy("No lowest band")), *BandCode.choices],
        required=False,
    )
    target_days = number(gettext_lazy("Working days until the decision"), MOST_DAYS)
    appeal_days = number(gettext_lazy("Working days to appeal"), MOST_DAYS)
    payment_days = number(gettext_lazy("Working days to pay"), MOST_DAYS)
    reminder_days = CodeField(
        label=gettext_lazy("Days before the expiry on which to remind"),
        max_length=100,
        required=False,
        help_text=gettext_lazy("Apart by commas; days after the expiry have a minus: 90, 60, 30, -1."),
    )

    def __init__(self, *arguments: Any, like: Contents | None, **options: Any) -> None:
        self.documents: list[dict[str, Any]] = like["documents"] if like else []
        initial: dict[str, Any] = {name: like[name] for name in FACTS} if like else {}
        if like:
            initial["reminder_days"] = ", ".join(map(str, like["reminder_days"]))
            initial |= {f"fee:{kind}": amount for kind, amount in like["fees"].items()}
        for place, document in enumerate(self.documents):
            initial |= {f"kinds:{place}": document["kinds"], f"optional:{place}": document["optional"]}
        super().__init__(*arguments, **options, initial=initial | options.pop("initial", {}))
        for kind in ApplicationKind:
            self.fields[f"fee:{kind}"] = RielField(label=kind.label, required=False)
        for place, document in enumerate(self.documents):
            self.fields[f"kinds:{place}"] = KindsField(label=f"{document['name_km']} / {document['name_en']}")
            self.fields[f"optional:{place}"] = forms.BooleanField(label=_("May be left out"), required=False)
        for place in range(NEW_DOCUMENTS):
            self.fields[f"new_km:{place}"] = forms.CharField(
                label=_("Another document: name in Khmer"), max_length=200, required=False
            )
            self.fields[f"new_en:{place}"] = forms.CharField(
                label=_("Another document: name in English"), max_length=200, required=False
            )
            self.fields[f"new_kinds:{place}"] = KindsField(label=_("For applications"))
            self.fields[f"new_optional:{place}"] = forms.BooleanField(label=_("May be left out"), required=False)

    @property
    def general(self) -> list[BoundField]:
        return [self[name] for name in self.base_fields]

    @property
    def fees(self) -> list[BoundField]:
        return [self[f"fee:{kind}"] for kind in ApplicationKind]

    @property
    def documents_asked(self) -> list[BoundField]:
        return [self[name] for name in self.fields if name.startswith(("kinds:", "optional:", "new_"))]

    def clean_reminder_days(self) -> list[int]:
        try:
            days = {int(day) for day in self.cleaned_data["reminder_days"].replace("−", "-").replace(",", " ").split()}
        except ValueError as error:
            raise ValidationError(_("Write whole numbers apart by commas, like 90, 60, 30, -1.")) from error
        if len(days) > MOST_REMINDERS or any(abs(day) > FURTHEST_REMINDER for day in days):
            raise ValidationError(
                _("At most %(number)s days, none further than %(days)s days from the expiry.")
                % {"number": MOST_REMINDERS, "days": FURTHEST_REMINDER}
            )
        return sorted(days, reverse=True)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("minimum_band") and not cleaned.get("visit_needed"):
            self.add_error("minimum_band", _("Only a visit can have a lowest band: tick that a visit is needed."))
        for place in range(NEW_DOCUMENTS):
            self._clean_new(place, cleaned)
        return cleaned

    def _clean_new(self, place: int, cleaned: dict[str, Any]) -> None:
        """All of a new document or nothing of it."""
        given = {name: cleaned.get(f"new_{name}:{place}") for name in ("km", "en", "kinds")}
        if not any(given.values()):
            return
        for name, check in (("km", check_khmer_name), ("en", check_latin_name)):
            try:
                cleaned[f"new_{name}:{place}"] = checked(check, given[name] or "")
            except ValidationError as error:
                self.add_error(f"new_{name}:{place}", error)
        for name in ("km", "en", "kinds"):
            if not given[name] and not self.has_error(f"new_{name}:{place}"):
                self.add_error(f"new_{name}:{place}", _("A document has two names and says who brings it."))

    @property
    def wanted(self) -> Contents:
        """What was filled in, of a form that is valid."""
        cleaned = self.cleaned_data
        return {
            **{name: cleaned[name] for name in FACTS},
            "fees": {str(kind): amount for kind in ApplicationKind if (amount := cleaned[f"fee:{kind}"])},
            "documents": list(self._wanted_documents()),
        }

    def _wanted_documents(self) -> Iterator[dict[str, Any]]:
        codes = {document["code"] for document in self.documents}
        for place, document in enumerate(self.documents):
            if kinds := self.cleaned_data[f"kinds:{place}"]:
                yield document | {"kinds": kinds, "optional": self.cleaned_data[f"optional:{place}"]}
        for place in range(NEW_DOCUMENTS):
            if name := self.cleaned_data[f"new_en:{place}"]:
                code = slugify(name)[:30].strip("-") or "document"
                code = next(code_ for code_ in (code, *(f"{code}-{n}" for n in range(2, 99))) if code_ not in codes)
                codes.add(code)
                yield {
                    "code": code,
                    "name_km": self.cleaned_data[f"new_km:{place}"],
                    "name_en": name,
                    "kinds": self.cleaned_data[f"new_kinds:{place}"],
                    "optional": self.cleaned_data[f"new_optional:{place}"],
                }


class LicenceTypeForm(EntryForm):
    """The issuing authority never changes: numbers were given in its name."""

    class Meta:
        model = LicenceType
        fields = ("code", "name_km", "name_en", "authority", "facility_types")
        widgets = {"facility_types": forms.CheckboxSelectMultiple}
        labels = {"facility_types": gettext_lazy("For facilities of these types")}

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["facility_types"].queryset = FacilityType.objects.filter(licence_needed=True).order_by("code")  # type: ignore[attr-defined]
        if self.instance.pk is not None:
            del self.fields["authority"]


class RefusalReasonForm(EntryForm):
    class Meta:
        model = RefusalReason
        fields = ("code", "name_km", "name_en", "clause")


class AdviceBodyForm(EntryForm):
    class Meta:
        model = AdviceBody
        fields = ("code", "name_km", "name_en")
