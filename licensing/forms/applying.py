"""What applicants type. Forms check the shape; what must not be empty is asked when the application is handed in."""

from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.forms.utils import ErrorDict
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from licensing.models import Application, Licence
from licensing.rules import proposals
from licensing.rules.proposals import LABELS, Asked
from licensing.states import ApplicationKind
from registry.accounts.states import PROVINCIAL_ROLES
from registry.areas.models import Area
from registry.forms.facilities import LOOK_UP, PLACES, AreaField, DegreesField, looked_up
from registry.forms.names import checked
from registry.models import Facility, FacilityType, Operator, Service
from registry.policies import check_khmer_name, check_latin_name
from registry.states import Ownership
from registry.ui.forms import CodeField, DayField, PageForm

COMPARED = (ApplicationKind.VARIATION, ApplicationKind.CHANGE_OF_OWNER)
"""Their pages show the facts as they are, and propose what was typed over them."""


class KindForm(PageForm):
    kind = forms.ChoiceField(
        label=gettext_lazy("What do you apply for?"), choices=ApplicationKind.choices, widget=forms.RadioSelect
    )


class BeginForm(PageForm):
    """For whom, and for which licence or site."""

    operator = forms.ModelChoiceField(Operator.objects.none(), label=gettext_lazy("Operator"), empty_label="–")
    licence = forms.ModelChoiceField(
        Licence.objects.none(),
        label=gettext_lazy("Licence"),
        to_field_name="number",
        empty_label=None,
        widget=forms.RadioSelect,
    )
    licence_number = CodeField(
        label=gettext_lazy("Number of the licence under which the facility works now"), max_length=40
    )
    facility = forms.ModelChoiceField(
        Facility.objects.none(),
        label=gettext_lazy("For which site?"),
        to_field_name="number",
        required=False,
        blank=True,
        empty_label=gettext_lazy("A new site"),
        widget=forms.RadioSelect,
    )

    def __init__(
        self,
        *arguments: Any,
        kind: str,
        operators: QuerySet[Operator],
        licences: QuerySet[Licence],
        facilities: QuerySet[Facility],
        **options: Any,
    ) -> None:
        super().__init__(*arguments, **options)
        self.mark_optional = False
        fields: dict[str, Any] = self.fields
        fields["operator"].queryset = operators.order_by("search_key")
        if len(found := operators[:2]) == 1:
            fields["operator"].widget = forms.HiddenInput()
            fields["operator"].initial = found[0]
        fields["licence"].queryset = licences
        fields["licence"].label_from_instance = lambda licence: f"{licence.number} – {licence.facility}"
        fields["facility"].queryset = facilities.order_by("sort_key")
        fields["facility"].label_from_instance = lambda facility: f"{facility} ({facility.number})"
        of_licence = proposals.ASKED[kind].of_licence
        handed_over = kind == ApplicationKind.CHANGE_OF_OWNER
        kept = {"licence_number"} if handed_over else {"licence"} if of_licence else {"facility"}
        for name in {"licence", "licence_number", "facility"} - kept:
            del fields[name]

    def clean_licence_number(self) -> str:
        number = " ".join(self.cleaned_data["licence_number"].split())
        licence = Licence.objects.select_related("facility").filter(number__iexact=number).first()
        if licence is None:
            raise forms.ValidationError(_("There is no licence %(number)s.") % {"number": number}, code="no_licence")
        self.cleaned_data["licence"] = licence
        return number

    @property
    def facts(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        return {name: cleaned.get(name) for name in ("operator", "licence", "facility")}


class PartForm(PageForm):
    """One page of an application: saved as far as it is typed, over what its page showed (`seen`)."""

    mark_optional = False
    seen = forms.CharField(widget=forms.HiddenInput)

    def renew(self, seen: str) -> None:
        """The next save is over what is kept now."""
        self.data["seen"] = seen  # type: ignore[index]


class ProposalForm(PartForm):
    """What is proposed, as texts; which fields there are depends on the kind."""

    name_km = forms.CharField(label=LABELS["name_km"], max_length=250)
    name_en = forms.CharField(label=LABELS["name_en"], max_length=250)
    facility_type = forms.ModelChoiceField(
        FacilityType.objects.filter(licence_types__isnull=False).distinct().order_by("pk"),
        label=LABELS["facility_type"],
        to_field_name="code",
        empty_label="–",
    )
    ownership = forms.ChoiceField(label=LABELS["ownership"], choices=[("", "–"), *Ownership.choices])
    province = AreaField(gettext_lazy("Province"), widget=forms.Select(attrs=looked_up("place")))
    district = AreaField(gettext_lazy("District"), widget=forms.Select(attrs=looked_up("place")))
    commune = AreaField(gettext_lazy("Commune"), widget=forms.Select(attrs=looked_up("place")))
    village = AreaField(gettext_lazy("Village"))
    address = forms.CharField(label=LABELS["address"], max_length=300)
    latitude = DegreesField(label=LABELS["latitude"], min_value=-90, max_value=90)
    longitude = DegreesField(label=LABELS["longitude"], min_value=-180, max_value=180)
    beds = forms.IntegerField(label=LABELS["beds"], min_value=0, max_value=10_000)
    phone = CodeField(label=LABELS["phone"], max_length=40)
    email = forms.EmailField(label=LABELS["email"])
    opening_hours = forms.CharField(label=LABELS["opening_hours"], max_length=200)
    reason = forms.CharField(label=LABELS["reason"], max_length=2000, widget=forms.Textarea(attrs={"rows": 4}))

    def __init__(self, data: Any = None, *, application: Application, wanted: Asked, user: Any, **options: Any) -> None:
        self.application, self.wanted, self.user = application, wanted, user
        self.checked = data is None or LOOK_UP not in data
        self.before = _facts_now(application) if application.kind in COMPARED else {}
        shown = self.before | application.proposal
        code = shown.get("area", "")
        places = {name: code[: 2 * depth] for depth, name in enumerate(PLACES, 1) if len(code) >= 2 * depth}
        seen = proposals.fingerprint(application.proposal)
        super().__init__(data, initial=shown | places | {"seen": seen}, **options)
        kept = {"seen", *wanted.fields, *(PLACES if "area" in wanted.fields else ())}
        for name in list(self.fields):
            if name not in kept:
                del self.fields[name]
            elif name != "seen":
                self.fields[name].required = False
        needed = {*wanted.needed, *(("province", "district", "commune") if "area" in wanted.needed else ())}
        for name, field in self.fields.items():
            if name not in needed and name not in ("name_en", "district", "commune"):
                field.label = format_lazy("{} {}", field.label, gettext_lazy("(optional)"))
        if "area" in wanted.fields:
            self.offer_places()

    def offer_places(self) -> None:
        """Below each chosen place, its parts."""
        inside = Area.objects.in_force()
        parts = inside.provinces()
        if self.user.role in PROVINCIAL_ROLES:
            parts = parts.filter(pk=self.user.province_id)
        for name in PLACES:
            field: Any = self.fields[name]
            field.queryset = parts.order_by("sort_key")
            answer = self.data.get(name) if self.is_bound else self.get_initial_for_field(field, name)
            chosen = field.queryset.with_code(str(answer or "")).first()
            parts = inside.filter(parent=chosen) if chosen else Area.objects.none()

    def full_clean(self) -> None:
        if self.checked:
            super().full_clean()
        else:
            self._errors, self.cleaned_data = ErrorDict(renderer=self.renderer), {}

    def clean_name_km(self) -> str:
        return checked(check_khmer_name, self.cleaned_data["name_km"])

    def clean_name_en(self) -> str:
        return checked(check_latin_name, self.cleaned_data["name_en"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for given, missing in (("latitude", "longitude"), ("longitude", "latitude")):
            if cleaned.get(given) is not None and missing not in self.errors and cleaned.get(missing) is None:
                self.add_error(missing, _("A point has a latitude and a longitude."))
        return cleaned

    @property
    def proposal(self) -> dict[str, str]:
        cleaned = dict(self.cleaned_data)
        cleaned["area"] = next((cleaned[name].code for name in reversed(PLACES) if cleaned.get(name)), "")
        texts = {name: _as_text(cleaned.get(name)) for name in self.wanted.fields}
        return {name: text for name, text in texts.items() if text != self.before.get(name, "")}


class ServicesForm(PartForm):
    services = forms.ModelMultipleChoiceField(
        Service.objects.filter(needs_authorisation=True).order_by("pk"),
        label=gettext_lazy("Services with an authorisation of their own"),
        to_field_name="code",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )


class WishesForm(PartForm):
    begins_on = DayField(label=gettext_lazy("Wanted from"), required=False)
    note = forms.CharField(
        label=gettext_lazy("What the authority should know (optional)"),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
    )


class DocumentForm(PageForm):
    """One file; `required` is the code of what it is, empty for another document."""

    upload = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("A photo (JPEG, PNG) or a PDF, at most 10 MB."),
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp,application/pdf"}),
    )
    title = forms.CharField(label=gettext_lazy("What it is"), max_length=200)

    def __init__(self, *arguments: Any, titled: bool, **options: Any) -> None:
        super().__init__(*arguments, **options)
        if not titled:
            del self.fields["title"]
        self.order_fields(["title", "upload"])


class DeclarationForm(PageForm):
    revision = forms.IntegerField(widget=forms.HiddenInput)
    declared_by_name = forms.CharField(label=gettext_lazy("Name of who declares"), max_length=200)
    agreed = forms.BooleanField(
        label=gettext_lazy(
            "I declare that what is written here is true and whole, and that I may act for the operator."
        )
    )


class AnswerForm(PageForm):
    text = forms.CharField(label=gettext_lazy("Answer"), max_length=8000, widget=forms.Textarea(attrs={"rows": 6}))


class AppealForm(PageForm):
    grounds = forms.CharField(
        label=gettext_lazy("Why the refusal is wrong"), max_length=8000, widget=forms.Textarea(attrs={"rows": 8})
    )


def _facts_now(application: Application) -> dict[str, str]:
    facility = application.facility
    names = proposals.ASKED[application.kind].fields
    return {name: _as_text(getattr(facility, name)) for name in names} if facility is not None else {}


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, FacilityType):
        return value.code
    return format(value, "f") if isinstance(value, Decimal) else str(value)
