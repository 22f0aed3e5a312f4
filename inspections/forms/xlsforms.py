"""A form that is sent, and what it is to become."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.core import signing
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from inspections.actions.xlsforms.sheets import LARGEST_FILE
from inspections.models import Checklist, Ruleset
from inspections.policies import check_can_draft
from registry.accounts.models import User
from registry.core.errors import Refused
from registry.models import FacilityType
from registry.ui.forms import PageForm

VALID_FOR = 24 * 60 * 60


class XLSFormForm(PageForm):
    """The file and the checklist that it is for; of a new checklist, what the file does not say itself."""

    file = forms.FileField(
        label=_("XLSForm"),
        help_text=_("An XLSX workbook with the sheets “survey” and “choices”."),
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
    )
    checklist = forms.ModelChoiceField(
        Checklist.objects.order_by("code"),
        label=_("Checklist"),
        help_text=_(
            "The form becomes the next version of this checklist, as a draft. The questions below are for a new one."
        ),
        required=False,
        empty_label=_("A new checklist"),
    )
    code = forms.SlugField(
        label=_("Code of the new checklist"), help_text=_("If empty, as the form says."), max_length=60, required=False
    )
    name_km = forms.CharField(label=_("Name in Khmer"), max_length=200, required=False)
    name_en = forms.CharField(label=_("Name in English"), max_length=200, required=False)
    ruleset_code = forms.ChoiceField(label=_("Ruleset"), required=False)
    facility_types = forms.ModelMultipleChoiceField(
        FacilityType.objects.order_by("code"),
        label=_("Facility types"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    mark_optional = False

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        codes = Ruleset.objects.published().order_by("code").values_list("code", flat=True).distinct()
        field: Any = self.fields["ruleset_code"]
        field.choices = [("", _("As the form says")), *((code, code) for code in codes)]

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > LARGEST_FILE:
            raise ValidationError(_("The file is too large for a form."), code="file_too_large")
        return file

    def clean_checklist(self) -> Checklist | None:
        checklist: Checklist | None = self.cleaned_data["checklist"]
        try:
            if checklist is not None:
                check_can_draft(checklist)
        except Refused as refusal:
            raise ValidationError(refusal.sentence, code=refusal.code) from refusal
        return checklist

    def completed(self, definition: Mapping[str, Any]) -> dict[str, Any]:
        """The definition with what was chosen here; what is still missing is an error of its field."""
        chosen = self.cleaned_data
        if checklist := chosen["checklist"]:
            return {**definition, **{name: getattr(checklist, name) for name in ("code", "name_km", "name_en")}}
        own = {name: chosen[name] or definition[name] for name in ("code", "name_km", "name_en", "ruleset_code")}
        types = [facility_type.code for facility_type in chosen["facility_types"]] or definition["facility_types"]
        complete = {**definition, **own, "facility_types": list(types)}
        self._say_what_is_missing(complete)
        return complete

    def _say_what_is_missing(self, definition: Mapping[str, Any]) -> None:
        for name in ("code", "name_km", "name_en", "ruleset_code"):
            field: Any = self.fields[name]
            try:
                if not definition[name]:
                    raise ValidationError(_("The form does not say this. Fill it in."), code="required")
                field.clean(definition[name])
            except ValidationError as error:
                self.add_error(name, error)
        known = set(FacilityType.objects.values_list("code", flat=True))
        if unknown := [code for code in definition["facility_types"] if code not in known]:
            sentence = _("There is no facility type “%(code)s”.")
            self.add_error("facility_types", ValidationError(sentence, params={"code": unknown[0]}))
        if Checklist.objects.filter(code=definition["code"]).exists():
            sentence = _("There is a checklist with the code “%(code)s”. Choose it above, or write another code.")
            self.add_error("code", ValidationError(sentence, params={"code": definition["code"]}, code="code_taken"))


class ConfirmForm(PageForm):
    """What was shown, sealed for the person who saw it."""

    seal = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *arguments: Any, person: User, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.person = person

    def clean_seal(self) -> dict[str, Any]:
        try:
            definition: dict[str, Any] = signing.loads(
                self.cleaned_data["seal"], salt=_salt(self.person), max_age=VALID_FOR
            )
        except signing.BadSignature as error:
            raise ValidationError(_("What was shown is out of date. Send the form again."), code="seal") from error
        for section in definition["section"]:
            for item in section["item"]:
                item["weight"] = Decimal(item["weight"])
        return definition


def sealed(definition: Mapping[str, Any], *, person: User) -> str:
    """The definition as a text that only the register can have written, for this person and for a day."""
    sections = [
        {**section, "item": [{**item, "weight": str(item["weight"])} for item in section["item"]]}
        for section in definition["section"]
    ]
    return signing.dumps({**definition, "section": sections}, salt=_salt(person), compress=True)


def _salt(person: User) -> str:
    return f"xlsform:{person.pk}"
