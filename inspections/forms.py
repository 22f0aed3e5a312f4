"""What pages about visits ask for. Forms check shape; policies know the law."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from inspections import rules
from inspections.models import ChecklistItem, ChecklistSection, ChecklistVersion, Visit
from inspections.policies import NOTE_LENGTH
from inspections.states import Answer, AnswerKind, LicenceSeen, Purpose, VisitOutcome
from registry.accounts.models import User
from registry.accounts.states import Role
from registry.core.khmer import ascii_digits
from registry.models import Facility, Service
from registry.ui.forms import DayField, PageForm


class PlanForm(PageForm):
    inspector = forms.ModelChoiceField(label=gettext_lazy("Inspector"), queryset=User.objects.none())
    planned_on = DayField(label=gettext_lazy("Day of the visit"))
    purpose = forms.ChoiceField(label=gettext_lazy("Purpose"), choices=Purpose.choices)
    checklist_version = forms.ModelChoiceField(
        label=gettext_lazy("Checklist"), queryset=ChecklistVersion.objects.none(), empty_label=None
    )
    announced = forms.BooleanField(label=gettext_lazy("The facility is told beforehand"), required=False)

    def __init__(self, *arguments: Any, facility: Facility, user: User, **options: Any) -> None:
        super().__init__(*arguments, **options)
        versions = ChecklistVersion.objects.published().filter(checklist__facility_types=facility.type_id)
        self.fields["checklist_version"].queryset = versions.select_related("checklist").order_by("checklist__code")  # type: ignore[attr-defined]
        people = User.objects.inspectors_of(facility.province_id).order_by("username")
        if user.role == Role.INSPECTOR:
            people = people.filter(pk=user.pk)
            self.fields["inspector"].initial = user
            self.fields["inspector"].empty_label = None  # type: ignore[attr-defined]
        self.fields["inspector"].queryset = people  # type: ignore[attr-defined]


class SubmitForm(PageForm):
    visited_on = DayField(label=gettext_lazy("Day of the visit"))
    outcome = forms.ChoiceField(
        label=gettext_lazy("How did the visit end?"), choices=VisitOutcome.choices, widget=forms.RadioSelect
    )
    licence_seen = forms.ChoiceField(
        label=gettext_lazy("What licence did the facility show?"),
        choices=[choice for choice in LicenceSeen.choices if choice[0] != LicenceSeen.NOT_NEEDED],
        widget=forms.RadioSelect,
    )
    note = forms.CharField(
        label=gettext_lazy("Remarks"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=NOTE_LENGTH,
        required=False,
    )

    def __init__(self, *arguments: Any, visit: Visit, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.licence_needed = visit.facility.type.licence_needed
        if not self.licence_needed:
            del self.fields["licence_seen"]

    def clean(self) -> dict[str, Any]:
        sent = super().clean() or {}
        if not self.licence_needed:
            sent["licence_seen"] = LicenceSeen.NOT_NEEDED
        elif sent.get("outcome") != VisitOutcome.COMPLETED:
            self.errors.pop("licence_seen", None)
            sent["licence_seen"] = ""
        return sent


class ReasonForm(PageForm):
    reason = forms.CharField(
        label=gettext_lazy("Reason"), widget=forms.Textarea(attrs={"rows": 4}), max_length=NOTE_LENGTH
    )


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
