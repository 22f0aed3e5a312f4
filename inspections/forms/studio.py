"""Checklists and their parts as they are written in the studio. Forms check shape; the actions write."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.forms.utils import ErrorDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inspections import rules
from inspections.models import Checklist, ChecklistItem, ChecklistSection, ChecklistVersion, Ruleset
from inspections.policies import possible_answers
from inspections.states import AnswerKind, VersionState
from registry.core.khmer import looks_like_limon
from registry.models import FacilityType, Service
from registry.ui.forms import CodeField, PageForm, PageModelForm, with_ascii_digits

SPARE_ROWS = 3
"""Empty rows below the choices of an item."""
MOST_CHOICES = 60

code_is_plain = RegexValidator(
    r"^(?!new\Z)[A-Za-z0-9_-]+\Z", gettext_lazy("Write Latin letters, digits, “-” and “_” only, for example A01.")
)


item_code_is_plain = RegexValidator(r"^(?!new\Z)[A-Za-z0-9_.-]+\Z", code_is_plain.message)


class StudioForm(PageModelForm):
    """What is said of a checklist or one of its parts, Khmer beside English."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        for name, field in self.fields.items():
            if language := language_of(name):
                field.widget.attrs["lang"] = language

    def _post_clean(self) -> None:
        """Nothing is written into the thing here: the action does that."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for name, text in [*cleaned.items()]:
            if language_of(name) == "km" and text and looks_like_limon(text):
                self.add_error(
                    name, _("“%(name)s” is typed in a Limon font. Type it in Khmer Unicode.") % {"name": text}
                )
        return {name: value for name, value in cleaned.items() if name not in self.errors}

    @property
    def facts(self) -> dict[str, Any]:
        """What the action stores."""
        return dict(self.cleaned_data)


def language_of(name: str) -> str:
    return name[-2:] if name.endswith(("_km", "_en")) else ""


class ChecklistForm(StudioForm):
    code = CodeField(
        label=gettext_lazy("Code"),
        max_length=60,
        validators=[RegexValidator(r"^[a-z0-9-]+\Z", gettext_lazy("Write small Latin letters, digits and “-” only."))],
        help_text=gettext_lazy("In addresses and files, for example dental-cabinets. It never changes."),
    )
    ruleset_code = forms.ChoiceField(
        label=gettext_lazy("Ruleset"),
        help_text=gettext_lazy("Its version in force on the day a visit begins gives the band and the next visit."),
    )
    like = forms.ModelChoiceField(
        ChecklistVersion.objects.none(),
        label=gettext_lazy("Begin with the contents of"),
        required=False,
        empty_label=gettext_lazy("nothing: an empty checklist"),
    )

    class Meta:
        model = Checklist
        fields = ("code", "name_km", "name_en", "facility_types", "ruleset_code", "training_needed")
        widgets = {"facility_types": forms.CheckboxSelectMultiple}

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        names: dict[str, str] = {}
        for code, name in (
            Ruleset.objects.filter(state=VersionState.PUBLISHED).order_by("number").values_list("code", "name")
        ):
            names[code] = f"{name} ({code})"
        self.fields["ruleset_code"].choices = [*names.items()]  # type: ignore[attr-defined]
        self.fields["facility_types"].queryset = FacilityType.objects.order_by("code")  # type: ignore[attr-defined]
        if self.instance.pk is not None:
            del self.fields["code"], self.fields["like"]
        else:
            versions = ChecklistVersion.objects.select_related("checklist")
            self.fields["like"].queryset = versions.order_by("checklist__code", "-number")  # type: ignore[attr-defined]


class AppliesForm(StudioForm):
    """A part that may apply to some facilities only: nothing ticked means to all of them."""

    types = forms.ModelMultipleChoiceField(
        FacilityType.objects.none(),
        label=gettext_lazy("Only for these facility types"),
        to_field_name="code",
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    levels = forms.MultipleChoiceField(
        label=gettext_lazy("Only for these levels"), widget=forms.CheckboxSelectMultiple, required=False
    )
    services = forms.ModelMultipleChoiceField(
        Service.objects.none(),
        label=gettext_lazy("Only where one of these services is offered"),
        to_field_name="code",
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def __init__(self, *arguments: Any, **options: Any) -> None:
        initial = {**options["instance"].applies_when, **(options.get("initial") or {})}
        super().__init__(*arguments, **{**options, "initial": initial})
        self.fields["types"].queryset = FacilityType.objects.order_by("code")  # type: ignore[attr-defined]
        self.fields["services"].queryset = Service.objects.order_by("code")  # type: ignore[attr-defined]
        levels = FacilityType.objects.exclude(level="").order_by("level").values_list("level", flat=True).distinct()
        self.fields["levels"].choices = [(level, level) for level in levels]  # type: ignore[attr-defined]
        if not levels:
            del self.fields["levels"]
        self.conditional = any(self[name].value() for name in ("types", "levels", "services") if name in self.fields)

    @property
    def facts(self) -> dict[str, Any]:
        said = dict(self.cleaned_data)
        codes = {
            "types": [entry.code for entry in said.pop("types")],
            "levels": said.pop("levels", []),
            "services": [entry.code for entry in said.pop("services")],
        }
        return said | {"applies_when": {name: chosen for name, chosen in codes.items() if chosen}}


class DraftSectionForm(AppliesForm):
    code = CodeField(label=gettext_lazy("Code"), max_length=20, validators=[code_is_plain])

    class Meta:
        model = ChecklistSection
        fields = ("code", "name_km", "name_en", "scored")


class SectionField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.code} {obj}"


class DraftItemForm(AppliesForm):
    """One item; the rows of a choice are the fields choice_0_code, choice_0_km, choice_0_en and so on."""

    code = CodeField(label=gettext_lazy("Code"), max_length=30, validators=[item_code_is_plain])
    section = SectionField(ChecklistSection.objects.none(), label=gettext_lazy("Section"), empty_label=None)

    class Meta:
        model = ChecklistItem
        fields = (
            "section",
            "code",
            "heading_km",
            "heading_en",
            "label_km",
            "label_en",
            "kind",
            "unit",
            "required",
            "weight",
            "critical",
            "clause",
            "severity",
            "guidance_km",
            "guidance_en",
        )
        widgets = {
            "kind": forms.RadioSelect,
            "severity": forms.RadioSelect,
            "unit": forms.TextInput(attrs={"class": "govuk-input--width-10"}),
            **{
                name: forms.Textarea(attrs={"rows": 3})
                for name in ("label_km", "label_en", "guidance_km", "guidance_en")
            },
        }

    def __init__(self, data: Any = None, *, instance: ChecklistItem, version: ChecklistVersion, **options: Any) -> None:
        weight = {"weight": f"{Decimal(instance.weight).normalize():f}"}
        super().__init__(data, instance=instance, initial=weight, **options)
        self.fields["section"].queryset = version.sections.order_by("position")  # type: ignore[attr-defined]
        stored: Sequence[Mapping[str, str]] = instance.choices
        self.rows = max(len(stored) + SPARE_ROWS, self._rows_sent())
        for row in range(self.rows):
            choice = stored[row] if row < len(stored) else {}
            for part, label in CHOICE_PARTS.items():
                field = CodeField if part == "code" else forms.CharField
                name = f"choice_{row}_{part}"
                self.fields[name] = field(
                    label=label % {"number": row + 1},
                    initial=choice.get(part if part == "code" else f"label_{part}", ""),
                    max_length=40 if part == "code" else 300,
                    required=False,
                    validators=[code_is_plain] if part == "code" else [],
                )
                if language := language_of(name):
                    self.fields[name].widget.attrs["lang"] = language

        if self.is_bound:  # the rows too understand Khmer digits
            self.data = with_ascii_digits(self)

    def forgive(self) -> None:
        """The page comes back as it was typed, with nothing said about it: the person is not done yet."""
        self._errors = ErrorDict()

    def _rows_sent(self) -> int:
        sent = [name for name in self.data if name.startswith("choice_") and name.endswith("_code")]
        return min(len(sent) + (SPARE_ROWS if "more" in self.data else 0), MOST_CHOICES)

    @property
    def choice_rows(self) -> list[list[forms.BoundField]]:
        return [[self[f"choice_{row}_{part}"] for part in CHOICE_PARTS] for row in range(self.rows)]

    def clean_weight(self) -> Any:
        weight = self.cleaned_data["weight"]
        if weight < 0:
            raise forms.ValidationError(_("A weight is 0 or more."))
        return weight

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        choices = []
        for row in range(self.rows):
            code, km, en = (cleaned.pop(f"choice_{row}_{part}", "") for part in CHOICE_PARTS)
            if code or km or en:
                choices.append({"code": code or str(row + 1), "label_km": km, "label_en": en})
            if (code or km) and not en and f"choice_{row}_en" not in self.errors:
                self.add_error(
                    f"choice_{row}_en", _("Choice %(number)s has no words in English.") % {"number": row + 1}
                )
        kind = cleaned.get("kind")
        if kind == AnswerKind.CHOICE and not choices and not self.errors.keys() & {"choice_0_code", "choice_0_en"}:
            self.add_error("choice_0_en", _("A choice needs something to choose."))
        if len({choice["code"] for choice in choices}) < len(choices):
            self.add_error("choice_0_code", _("Two choices have the same code."))
        if kind == AnswerKind.MEASURE and not cleaned.get("unit"):
            self.add_error("unit", _("A measure needs a unit, for example °C."))
        cleaned["choices"] = choices if kind == AnswerKind.CHOICE else []
        if kind != AnswerKind.MEASURE:
            cleaned["unit"] = cleaned.get("unit", "") if kind == AnswerKind.COUNT else ""
        return cleaned

    @property
    def facts(self) -> dict[str, Any]:
        said = super().facts
        del said["section"]
        return said


CHOICE_PARTS = {
    "code": gettext_lazy("Choice %(number)s: code"),
    "km": gettext_lazy("Choice %(number)s: in Khmer"),
    "en": gettext_lazy("Choice %(number)s: in English"),
}


@dataclass(frozen=True)
class Earlier:
    """An item that others can depend on."""

    key: str
    item: ChecklistItem

    @property
    def answers(self) -> dict[str, Any]:
        return possible_answers(self.item) or {}

    def __str__(self) -> str:
        return f"{self.key} {self.item}"


def earlier_items(structure: rules.Structure, before: ChecklistItem) -> Iterator[Earlier]:
    """The items before this one whose answers are a few known words."""
    for section, items in structure:
        for item in items:
            if item.pk == before.pk:
                return
            if possible_answers(item):
                yield Earlier(rules.key(section, item), item)


class ConditionForm(PageForm):
    """With which answers to an earlier item the item is asked."""

    answers = forms.MultipleChoiceField(
        label=gettext_lazy("Asked if the answer is"), widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *arguments: Any, earlier: Earlier, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["answers"].choices = [*earlier.answers.items()]  # type: ignore[attr-defined]


class QuestionForm(PageForm):
    """Which earlier item it depends on."""

    item = forms.ChoiceField(label=gettext_lazy("Question"))

    def __init__(self, *arguments: Any, earlier: Sequence[Earlier], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["item"].choices = [(entry.key, str(entry)) for entry in earlier]  # type: ignore[attr-defined]


class SettingForm(PageForm):
    """For which facility a checklist is tried out."""

    mark_optional = False
    type = forms.ModelChoiceField(
        FacilityType.objects.none(),
        label=gettext_lazy("Facility type"),
        to_field_name="code",
        required=False,
        empty_label=None,
    )
    services = forms.ModelMultipleChoiceField(
        Service.objects.none(),
        label=gettext_lazy("Services found there"),
        to_field_name="code",
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def __init__(self, data: Any, *, checklist: Checklist, asked_about: set[str]) -> None:
        types = checklist.facility_types.order_by("code")
        types = types if types.exists() else FacilityType.objects.order_by("code")
        super().__init__(data if data else None, initial={"type": types.first()})
        self.fields["type"].queryset = types  # type: ignore[attr-defined]
        self.fields["services"].queryset = Service.objects.filter(code__in=asked_about).order_by("code")  # type: ignore[attr-defined]

    @property
    def setting(self) -> rules.Setting:
        """The setting that is chosen; the first facility type without services until something is."""
        chosen = self.cleaned_data if self.is_bound and self.is_valid() else {}
        type_ = chosen.get("type") or self.initial["type"]
        codes = frozenset(service.code for service in chosen.get("services", ()))
        return rules.Setting(type_.code, type_.level, codes) if type_ else rules.Setting(services=codes)


class CompareForm(PageForm):
    """Which two versions of a checklist are compared."""

    mark_optional = False
    former = forms.ModelChoiceField(
        ChecklistVersion.objects.none(), label=gettext_lazy("Version"), to_field_name="number", empty_label=None
    )
    later = forms.ModelChoiceField(
        ChecklistVersion.objects.none(), label=gettext_lazy("compared with"), to_field_name="number", empty_label=None
    )

    def __init__(self, data: Any, *, checklist: Checklist) -> None:
        super().__init__(data)
        for name in ("former", "later"):
            versions = checklist.versions.select_related("checklist").order_by("-number")
            self.fields[name].queryset = versions  # type: ignore[attr-defined]
