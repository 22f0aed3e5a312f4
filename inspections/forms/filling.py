"""The checklist as a form."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.utils.translation import get_language, gettext_lazy

from inspections import rules
from inspections.models import ChecklistItem, ChecklistSection, Finding, Visit, VisitPhoto
from inspections.policies import fault_in
from inspections.states import Answer, AnswerKind, Mended, Scope, Severity
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


class ArrivalForm(PageForm):
    """What a device says of its place; everything is empty where it says nothing."""

    latitude = forms.DecimalField(min_value=-90, max_value=90, required=False)
    longitude = forms.DecimalField(min_value=-180, max_value=180, required=False)
    accuracy_m = forms.IntegerField(min_value=0, max_value=1_000_000, required=False)


@dataclass
class Row:
    """One item on the page: what is typed, what somebody else saved meanwhile, what is wrong with it."""

    item: ChecklistItem
    key: str
    heading: str
    typed: Mapping[str, str]
    saved: Mapping[str, str] | None = None
    error: str = ""
    asked: bool = True
    photos: Collection[VisitPhoto] = ()

    @property
    def lang(self) -> str:
        """The language of a text that is not in the language of the page."""
        return "en" if in_khmer() and not self.item.label_km else ""

    @property
    def must(self) -> bool:
        return self.item.required or self.item.kind == AnswerKind.COMPLIANCE

    @property
    def failed(self) -> bool:
        return self.typed.get("answer") in (Answer.NO, Answer.PARTIAL)

    @property
    def guidance(self) -> str:
        return (self.item.guidance_km if in_khmer() else "") or self.item.guidance_en

    @property
    def options(self) -> list[tuple[str, str]]:
        """The choices of the item, in the language of the page."""
        first, second = ("label_km", "label_en") if in_khmer() else ("label_en", "label_km")
        return [(choice["code"], choice.get(first) or choice.get(second) or "") for choice in self.item.choices]

    @property
    def severities(self) -> list[tuple[int, Any, bool]]:
        return _options(Severity.choices, self.typed.get("severity") or self.item.severity)

    @property
    def scopes(self) -> list[tuple[int, Any, bool]]:
        return _options(Scope.choices, self.typed.get("scope") or Scope.ISOLATED)


def _options(choices: Sequence[tuple[int, Any]], chosen: Any) -> list[tuple[int, Any, bool]]:
    return [(value, label, str(value) == str(chosen)) for value, label in choices]


BLANK = {"severities": _options(Severity.choices, 0), "scopes": _options(Scope.choices, 0)}
"""A row without an item, for what the page adds to an item once it is answered no or partly."""

LETTERS = {"a": "answer", "n": "note", "s": "severity", "w": "scope", "c": "corrected"}
"""What each input of an item is named: `a:S01.01` is the answer to it, or its value, `n:S01.01` the note."""


@dataclass
class SectionForm:
    """The answers to one section, as a page shows and sends them; see `LETTERS`.

    `asked` names the items to show, all where it is None: the others come into sight with what is answered.
    """

    section: ChecklistSection
    items: list[ChecklistItem]
    answers: Mapping[str, Mapping[str, str]]
    conflicts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    asked: Collection[str] | None = None
    photos: Mapping[str, Collection[VisitPhoto]] = field(default_factory=dict)

    def read(self, sent: Mapping[str, str]) -> dict[str, dict[str, str]]:
        """The answers in what was sent, each item of the section with only what was given; fills `errors`."""
        given = {}
        for item in self.items:
            key = rules.key(self.section, item)
            compliance = item.kind == AnswerKind.COMPLIANCE
            letters = LETTERS if compliance else {"a": "value", "n": "note"}
            answer = {name: text for letter, name in letters.items() if (text := sent.get(f"{letter}:{key}", ""))}
            if item.kind == AnswerKind.PHOTO:
                answer["value"] = self.answers.get(key, {}).get("value", "")
            given[key] = rules.tidy(item, answer)
            if error := fault_in(item, answer):
                self.errors[key] = error
        self.answers = given
        return given

    def show(self, answers: Mapping[str, Mapping[str, str]]) -> None:
        self.answers = answers

    def rows(self) -> list[Row]:
        rows, last = [], ""
        for item in self.items:
            heading = (item.heading_km if in_khmer() else "") or item.heading_en
            key = rules.key(self.section, item)
            rows.append(
                Row(
                    item=item,
                    key=key,
                    heading=heading if heading != last else "",
                    typed=self.answers.get(key, {}),
                    saved=self.conflicts.get(key),
                    error=self.errors.get(key, ""),
                    asked=self.asked is None or key in self.asked,
                    photos=self.photos.get(key, ()),
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


@dataclass
class CarriedRow:
    """One finding of an earlier visit on the page."""

    finding: Finding
    key: str
    typed: Mapping[str, str]
    saved: Mapping[str, str] | None = None
    error: str = ""
    asked: bool = True


@dataclass
class CarriedForm:
    """What is said of the findings of earlier visits, as a page shows and sends it."""

    findings: Sequence[Finding]
    carried: Mapping[str, Mapping[str, str]]
    conflicts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    def read(self, sent: Mapping[str, str]) -> dict[str, dict[str, str]]:
        given = {}
        for finding in self.findings:
            key = f"{rules.CARRIED}{finding.pk}"
            answer = {name: sent.get(f"{letter}:{key}", "") for letter, name in (("a", "mended"), ("n", "note"))}
            given[key] = rules.tidy(None, answer)
            if error := fault_in(None, given[key]):
                self.errors[key] = error
        self.show(given)
        return given

    def show(self, answers: Mapping[str, Mapping[str, str]]) -> None:
        self.carried = {key.removeprefix(rules.CARRIED): answer for key, answer in answers.items()}

    def rows(self) -> list[CarriedRow]:
        keys = {finding: f"{rules.CARRIED}{finding.pk}" for finding in self.findings}
        return [
            CarriedRow(
                finding=finding,
                key=key,
                typed=self.carried.get(str(finding.pk), {}),
                saved=self.conflicts.get(key),
                error=self.errors.get(key, ""),
            )
            for finding, key in keys.items()
        ]

    def error_list(self) -> list[dict[str, str]]:
        return [{"text": text, "id": f"a:{key}:{Mended.YES}"} for key, text in self.errors.items()]


def in_khmer() -> bool:
    return (get_language() or "").startswith("km")
