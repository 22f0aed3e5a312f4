"""Forms and fields for pages: Khmer digits wherever a number, a day or a code is asked for."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import pretty_name
from django.utils.datastructures import MultiValueDict
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from registry.core.dates import parse_day
from registry.core.khmer import ascii_digits


class CodeField(forms.CharField):
    """A number or code that people copy from paper: Khmer digits and stray spaces are understood."""

    khmer_digits = True


class DayField(forms.Field):
    """A day, typed as on paper (31/12/2026, 31-12-2026, 2026-12-31), in either kind of digits."""

    khmer_digits = True
    widget = forms.DateInput(attrs={"class": "govuk-input--width-10", "inputmode": "numeric"})

    def __init__(self, **options: Any) -> None:
        options.setdefault("help_text", _("For example, 31/12/2026"))
        super().__init__(**options)

    def prepare_value(self, value: Any) -> Any:
        return value.strftime("%d/%m/%Y") if isinstance(value, date) else value

    def to_python(self, value: Any) -> date | None:
        if value in self.empty_values:
            return None
        if isinstance(value, date):
            return value
        try:
            return parse_day(value)
        except ValueError as error:
            raise ValidationError(str(error), code="invalid") from error

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return self.to_python(initial) != self.to_python(data)
        except ValidationError:
            return True


NUMERIC_FIELDS = (forms.IntegerField, forms.DecimalField, forms.FloatField, forms.DateField, forms.DateTimeField)


def with_ascii_digits(form: forms.BaseForm) -> Mapping[str, Any]:
    """What was sent, with Khmer digits turned to ASCII in the fields that hold numbers, days and codes."""
    names = {
        form.add_prefix(name)
        for name, field in form.fields.items()
        if isinstance(field, NUMERIC_FIELDS) or getattr(field, "khmer_digits", False)
    }
    if isinstance(form.data, MultiValueDict):
        sent = form.data.copy()
        for name in names & sent.keys():
            sent.setlist(name, [ascii_digits(value).strip() for value in sent.getlist(name)])
        return sent
    return {
        name: ascii_digits(value).strip() if name in names and isinstance(value, str) else value
        for name, value in form.data.items()
    }


def name_the_empty_field(form: forms.BaseForm) -> None:
    """Say which field is empty, because the error summary shows the sentence far from its field."""
    for name, field in form.fields.items():
        if field.error_messages.get("required") is forms.Field.default_error_messages["required"]:
            field.error_messages["required"] = format_lazy(
                empty_sentence(field), label=field.label or pretty_name(name)
            )


def empty_sentence(field: forms.Field) -> Any:
    if isinstance(field, forms.BooleanField):
        return _("Tick “{label}” to go on.")
    if isinstance(field, (forms.ChoiceField, forms.ModelChoiceField)):
        return _("Choose an answer for “{label}”.")
    return _("“{label}” is empty. Fill it in.")


class PageFormMixin:
    """What every form on a page does: no browser validation, Khmer digits, sentences that name their field."""

    mark_optional = True
    use_required_attribute = False

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **{"label_suffix": "", **options})
        name_the_empty_field(self)  # type: ignore[arg-type]
        if self.is_bound:  # type: ignore[attr-defined]
            self.data = with_ascii_digits(self)  # type: ignore[arg-type]


class PageForm(PageFormMixin, forms.Form):
    """The base of every form on a page."""


class PageModelForm(PageFormMixin, forms.ModelForm):
    """The base of every form that shows a model's fields. It checks shape; actions write."""


class FilterForm(PageForm):
    """The form of a filter panel, where every field is optional and nobody needs to be told."""

    mark_optional = False
