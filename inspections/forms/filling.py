"""The checklist as a form."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from inspections import rules
from inspections.models import ChecklistItem, ChecklistSection, Visit
from inspections.policies import NOTE_LENGTH
from inspections.states import Answer, AnswerKind
from registry.core.khmer import ascii_digits
from registry.models import Service
from registry.ui.forms import PageForm


class ServicesForm(PageForm):
    services = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Services found on this visit"),
        help_text=gettext_lazy("Tick what is offered here, declared or not. Its part of the checklist is then asked."),
        queryset=Service.objects.none(),
        to_field_name="code",
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def __init__(self, *arguments: Any, structure: rules.Structure, visit: Visit, **options: Any) -> None:
        super().__init__(*arguments, initial={"services": visit.services}, **options)
        asked = rules.services_asked_about(structure)
        self.fields["services"].queryset = Service.objects.filter(code__in=asked).order_by("code")  # type: ignore[attr-defined]
        self.not_asked = set(visit.services) - asked

    @property
    def codes(self) -> set[str]:
        """What is ticked, and the services that this checklist does not ask about."""
        return {service.code for service in self.cleaned_data["services"]} | self.not_asked


@dataclass
class Row:
    """One item on the page: what is typed, what somebody else saved meanwhile, what is wrong with it."""

    item: ChecklistItem
    key: str
    heading: str
    typed: Mapping[str, str]
    saved: Mapping[str, str] | None = None
    error: str = ""

    @property
    def lang(self) -> str:
        """The language of a text that is not in the language of the page."""
        return "en" if (get_language() or "").startswith("km") and not self.item.label_km else ""


@dataclass
class SectionForm:
    """The answers to one section, as a page shows and sends them: `a:<key>` an answer, `n:<key>` its note."""

    section: ChecklistSection
    items: list[ChecklistItem]
    answers: Mapping[str, Mapping[str, str]]
    conflicts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    def read(self, sent: Mapping[str, str]) -> dict[str, dict[str, str]]:
        """The answers in what was sent, each item of the section with only what was given; fills `errors`."""
        given = {}
        for item in self.items:
            key = rules.key(self.section, item)
            kind = "answer" if item.kind == AnswerKind.COMPLIANCE else "value"
            text, note = (sent.get(f"{letter}:{key}", "").replace("\r\n", "\n").strip() for letter in "an")
            if item.kind in (AnswerKind.COUNT, AnswerKind.MEASURE):
                text = ascii_digits(text)
            given[key] = {name: value for name, value in ((kind, text), ("note", note)) if value}
            if error := _wrong(item, text, note):
                self.errors[key] = error
        self.answers = given
        return given

    def rows(self) -> list[Row]:
        km = (get_language() or "").startswith("km")
        rows, last = [], ""
        for item in self.items:
            heading = (item.heading_km if km else "") or item.heading_en
            key = rules.key(self.section, item)
            rows.append(
                Row(
                    item=item,
                    key=key,
                    heading=heading if heading != last else "",
                    typed=self.answers.get(key, {}),
                    saved=self.conflicts.get(key),
                    error=self.errors.get(key, ""),
                )
            )
            last = heading
        return rows

    def error_list(self) -> list[dict[str, str]]:
        """What is wrong, each with the id of the input to go to."""
        kinds = {rules.key(self.section, item): item.kind for item in self.items}
        first = {AnswerKind.COMPLIANCE: f":{Answer.YES}"}
        return [
            {"text": text, "id": f"a:{key}{first.get(AnswerKind(kinds[key]), '')}"} for key, text in self.errors.items()
        ]


def _wrong(item: ChecklistItem, text: str, note: str) -> str:
    if max(len(text), len(note)) > NOTE_LENGTH:
        return _("“%(item)s”: write at most %(length)s characters.") % {"item": item, "length": NOTE_LENGTH}
    if not text:
        return ""
    if item.kind == AnswerKind.COMPLIANCE and text not in Answer.values:
        return _("“%(item)s”: choose one of the answers.") % {"item": item}
    if item.kind == AnswerKind.COUNT and not text.isdecimal():
        return _("“%(item)s”: write a whole number.") % {"item": item}
    if item.kind == AnswerKind.MEASURE and not _is_number(text):
        return _("“%(item)s”: write a number.") % {"item": item}
    return ""


def _is_number(text: str) -> bool:
    try:
        return Decimal(text.replace(",", ".")).is_finite()
    except InvalidOperation:
        return False
