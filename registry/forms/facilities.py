"""What people type about a facility. Forms check the shape; the policies say what can stand together."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.forms.utils import ErrorDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from registry.accounts.states import PROVINCIAL_ROLES
from registry.actions.facilities import Identifier, declared
from registry.areas.models import Area, OperationalDistrict
from registry.areas.states import AreaLevel
from registry.core.numbers import is_facility_number, normalised
from registry.forms.names import checked
from registry.models import Facility, FacilityType, Operator, Service
from registry.policies import check_khmer_name, check_latin_name
from registry.states import STATUS_TRANSITIONS, OperationalStatus, Ownership
from registry.ui.forms import CodeField, DayField, PageForm, PageModelForm

LOOK_UP = "look_up"
"""The button that fills in what depends on an answer: districts, communes, villages, operators. htmx presses it too."""

PLACES = ("province", "district", "commune", "village")
OFFERED_OPERATORS = 30


def looked_up(part: str) -> dict[str, str]:
    """The attributes of a field after whose change the part of the page depending on it is asked for anew."""
    return {
        "hx-post": "",
        "hx-vals": f'{{"{LOOK_UP}": "1"}}',
        "hx-target": f"#{part}",
        "hx-select": f"#{part}",
        "hx-swap": "outerHTML",
    }


class DegreesField(forms.DecimalField):
    """Degrees as a device shows them, to the tenth of a metre that is kept."""

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]
        degrees = super().to_python(value)
        return degrees.quantize(Decimal("0.000001")) if degrees is not None and degrees.is_finite() else degrees


class AreaField(forms.ModelChoiceField):
    """One of the areas of a level within the area above."""

    def __init__(self, label: Any, **options: Any) -> None:
        super().__init__(Area.objects.none(), label=label, to_field_name="code", empty_label="–", **options)

    def label_from_instance(self, area: Area) -> str:
        return f"{area} ({area.code})"


class FacilityForm(PageModelForm):
    """The facts about a facility, the services it declares and its numbers in other systems."""

    revision = forms.IntegerField(widget=forms.HiddenInput)
    status = forms.ChoiceField(
        label=gettext_lazy("Operational status"),
        choices=[(status.value, status.label) for status in OperationalStatus if status != OperationalStatus.CLOSED],
        initial=OperationalStatus.OPERATING,
        widget=forms.RadioSelect,
    )
    type = forms.ModelChoiceField(
        FacilityType.objects.order_by("pk"), label=gettext_lazy("Type"), to_field_name="code", empty_label="–"
    )
    province = AreaField(gettext_lazy("Province"), widget=forms.Select(attrs=looked_up("place")))
    district = AreaField(gettext_lazy("District"), required=False, widget=forms.Select(attrs=looked_up("place")))
    commune = AreaField(gettext_lazy("Commune"), required=False, widget=forms.Select(attrs=looked_up("place")))
    village = AreaField(gettext_lazy("Village"), required=False)
    operational_district = forms.ModelChoiceField(
        OperationalDistrict.objects.none(),
        label=gettext_lazy("Operational district"),
        required=False,
        empty_label="–",
        to_field_name="code",
    )
    latitude = DegreesField(label=gettext_lazy("Latitude"), min_value=-90, max_value=90, required=False)
    longitude = DegreesField(label=gettext_lazy("Longitude"), min_value=-180, max_value=180, required=False)
    phone = CodeField(label=gettext_lazy("Telephone"), max_length=40, required=False)
    website = forms.URLField(label=gettext_lazy("Website"), required=False, assume_scheme="https")
    opened_on = DayField(label=gettext_lazy("Opened on"), required=False)
    operator_words = forms.CharField(
        label=gettext_lazy("Find the operator by a part of the name"),
        required=False,
        widget=forms.TextInput(attrs=looked_up("operator")),
    )
    operator = forms.ModelChoiceField(
        Operator.objects.none(), label=gettext_lazy("Operator"), required=False, empty_label="–"
    )
    predecessor = CodeField(
        label=gettext_lazy("Predecessor"),
        required=False,
        help_text=gettext_lazy(
            "The number of the facility that this one continues, for example after a move or under a new owner."
        ),
    )
    services = forms.ModelMultipleChoiceField(
        Service.objects.order_by("pk"),
        label=gettext_lazy("Services that the facility declares"),
        to_field_name="code",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    identifiers = forms.CharField(
        label=gettext_lazy("Numbers in other systems"),
        help_text=gettext_lazy("One on each line: the system, a colon, the number. For example, HMIS: 120304"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    class Meta:
        model = Facility
        fields = (
            *("name_km", "name_en", "type", "ownership", "beds", "opened_on", "operational_district", "address"),
            *("latitude", "longitude", "point_accuracy_m", "phone", "email", "website", "opening_hours"),
            *("operator", "brand", "predecessor"),
        )

    def __init__(
        self, data: Any = None, *, user: Any, facility: Facility | None = None, checked: bool = True, **options: Any
    ) -> None:
        self.user, self.facility, self.checked = user, facility, checked
        super().__init__(data, instance=facility, initial=facility and initial(facility), **options)
        del self.fields["status" if facility else "revision"]
        self.fields["ownership"].choices = [("", "–"), *Ownership.choices]  # type: ignore[attr-defined]
        self.offer_places()
        self.offer_operators()

    # --- what depends on other answers

    def answer(self, name: str) -> str:
        return str(
            (self.data.get(name) if self.is_bound else self.get_initial_for_field(self.fields[name], name)) or ""
        )

    def offer_places(self) -> None:
        """Below each chosen place, its parts. What the facility already had, or a new one must have, is required."""
        inside = Area.objects.in_force()
        parts = inside.provinces()
        if self.user.role in PROVINCIAL_ROLES:
            parts = parts.filter(pk=self.user.province_id)
        above = None
        for name in PLACES:
            field: Any = self.fields[name]
            field.queryset = parts.order_by("sort_key")
            chosen = field.queryset.with_code(self.answer(name)).first()
            if name == "province":
                districts = OperationalDistrict.objects.filter(province=chosen).order_by("code")
                self.fields["operational_district"].queryset = districts  # type: ignore[attr-defined]
            needed = bool(self.initial.get(name)) if self.facility else name != AreaLevel.VILLAGE
            field.required = needed and (above is None or field.queryset.exists())
            above = chosen
            parts = inside.filter(parent=chosen) if chosen else Area.objects.none()

    def offer_operators(self) -> None:
        field: Any = self.fields["operator"]
        visible = Operator.objects.all().visible_to(self.user)
        present, words = self.answer("operator"), self.answer("operator_words")
        found = visible.filter(pk=present) if present.isascii() and present.isdecimal() else visible.none()
        if words:
            found |= visible.filter(
                pk__in=visible.matching(words).order_by("search_key").values("pk")[:OFFERED_OPERATORS]
            )
        field.queryset = found.order_by("search_key")

    # --- the shape of the answers

    def full_clean(self) -> None:
        if self.checked:
            super().full_clean()
        else:
            self._errors, self.cleaned_data = ErrorDict(renderer=self.renderer), {}

    def _post_clean(self) -> None:
        """Nothing is written into the facility here, and the policies have better sentences than its constraints."""

    def clean_name_km(self) -> str:
        return checked(check_khmer_name, self.cleaned_data["name_km"])

    def clean_name_en(self) -> str:
        return checked(check_latin_name, self.cleaned_data["name_en"])

    def clean_predecessor(self) -> Facility | None:
        typed = self.cleaned_data["predecessor"]
        if not typed:
            return None
        number = normalised(typed)
        found: Facility | None = Facility.objects.all().visible_to(self.user).filter(number=number).first()
        if found is None:
            sentence = (
                _("There is no facility %(number)s.")
                if is_facility_number(number)
                else _("%(number)s is not a facility number: a digit may be wrong.")
            )
            raise forms.ValidationError(sentence % {"number": number}, code="no_such_facility")
        return found

    def clean_identifiers(self) -> list[Identifier]:
        found = []
        for number, line in enumerate(self.cleaned_data["identifiers"].splitlines(), 1):
            system, _colon, value = (" ".join(part.split()) for part in line.partition(":"))
            if not line.strip():
                continue
            if not (system and value and len(system) <= 60 and len(value) <= 200):
                raise forms.ValidationError(
                    _("Line %(line)s: write the system, a colon, and the number.") % {"line": number}, code="invalid"
                )
            found.append((system, value))
        return found

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not ({"name_km", "name_en"} & self.errors.keys() or cleaned["name_km"] or cleaned["name_en"]):
            self.add_error("name_km", _("Give a name in Khmer or in Latin letters."))
        for given, missing in (("latitude", "longitude"), ("longitude", "latitude")):
            if cleaned.get(given) is not None and missing not in self.errors and cleaned.get(missing) is None:
                self.add_error(missing, _("A point has a latitude and a longitude."))
        return cleaned

    # --- what the actions take, and what they find

    def renew(self, now: Facility) -> None:
        """The next save is over the facility as it is now."""
        self.data["revision"] = str(now.revision)  # type: ignore[index]

    def differences(self, now: Facility) -> Iterator[tuple[str, Any]]:
        """What is in the register now and differs from what was typed."""
        for name, value in self.facts.items():
            present = getattr(now, name)
            if present != value:
                yield str(Facility._meta.get_field(name).verbose_name), present  # type: ignore[union-attr]
        if declared(now) != set(self.cleaned_data["services"]):
            yield str(self.fields["services"].label), ", ".join(sorted(map(str, declared(now))))
        identifiers = {(identifier.system, identifier.value) for identifier in now.identifiers.all()}
        if identifiers != set(self.cleaned_data["identifiers"]):
            yield str(self.fields["identifiers"].label), ", ".join(sorted(map(": ".join, identifiers)))

    @property
    def facts(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        place = next((cleaned[name] for name in reversed(PLACES) if cleaned.get(name)), None)
        return {name: cleaned[name] for name in self._meta.fields or ()} | {"area": place}


def initial(facility: Facility) -> dict[str, Any]:
    """What the form shows of a facility beyond its own columns."""
    code = facility.area.code if facility.area else ""
    places = {name: code[: 2 * depth] for depth, name in enumerate(PLACES, 1) if len(code) >= 2 * depth}
    lines = [f"{identifier.system}: {identifier.value}" for identifier in facility.identifiers.order_by("system")]
    return {
        **places,
        "revision": facility.revision,
        "type": facility.type.code,
        "operational_district": facility.operational_district and facility.operational_district.code,
        "predecessor": facility.predecessor and facility.predecessor.number,
        "services": sorted(service.code for service in declared(facility)),
        "identifiers": "\n".join(lines),
    }


class StatusForm(PageForm):
    """The new status of a facility, from which day, and why."""

    status = forms.ChoiceField(label=gettext_lazy("New operational status"), widget=forms.RadioSelect)
    effective_on = DayField(label=gettext_lazy("From"))
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("It is kept in the history."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, facility: Facility, **options: Any) -> None:
        super().__init__(data, **options)
        open_to = STATUS_TRANSITIONS[facility.operational_status]
        self.fields["status"].choices = [(status, OperationalStatus(status).label) for status in open_to]  # type: ignore[attr-defined]
