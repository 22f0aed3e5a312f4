"""What the staff is asked when it handles a complaint."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enforcement.models import Complaint
from enforcement.policies import TEXT_LENGTH
from inspections.forms import GrantForm
from registry.accounts.models import User
from registry.accounts.states import Role
from registry.areas.models import Area
from registry.areas.states import AreaLevel
from registry.core.numbers import normalised
from registry.models import Facility, FacilityType
from registry.ui.forms import CodeField, PageForm


def note_field(label: Any, **options: Any) -> forms.CharField:
    return forms.CharField(label=label, widget=forms.Textarea(attrs={"rows": 4}), max_length=TEXT_LENGTH, **options)


class OfComplaintForm(PageForm):
    """A form that knows the complaint and who asks."""

    complaint: Complaint
    user: User

    @classmethod
    def about(cls, complaint: Complaint, user: User) -> "type[OfComplaintForm]":
        return type(cls.__name__, (cls,), {"complaint": complaint, "user": user})


class TriageForm(OfComplaintForm):
    urgent = forms.TypedChoiceField(
        label=gettext_lazy("Is somebody in danger?"),
        choices=[
            ("yes", gettext_lazy("Yes, it is urgent: to be looked into within 2 working days")),
            ("no", gettext_lazy("No: within 10 working days")),
        ],
        coerce=lambda answer: answer == "yes",
        widget=forms.RadioSelect,
    )
    note = note_field(gettext_lazy("Note, for the staff only"), required=False)


class AssignForm(OfComplaintForm):
    province = forms.ModelChoiceField(
        Area.objects.in_force().provinces().order_by("sort_key"),
        label=gettext_lazy("Province"),
        to_field_name="code",
        required=False,
        empty_label="–",
    )
    handler = forms.ModelChoiceField(
        User.objects.none(),
        label=gettext_lazy("Who handles it?"),
        help_text=gettext_lazy("Without a person, the managers of the province handle it."),
        required=False,
        empty_label="–",
    )
    note = note_field(gettext_lazy("Note, for the staff only"), required=False)

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        officers = User.objects.filter(role=Role.ENFORCEMENT_OFFICER, is_active=True)
        managers = User.objects.filter(role=Role.PROVINCIAL_MANAGER, is_active=True)
        if self.complaint.facility_id is not None:
            del self.fields["province"]
            managers = managers.filter(province=self.complaint.province_id)
        else:
            self.fields["province"].initial = self.complaint.province and self.complaint.province.code
        self.fields["handler"].queryset = (officers | managers).order_by("username")  # type: ignore[attr-defined]


class MatchForm(OfComplaintForm):
    facility = CodeField(label=gettext_lazy("Number of the facility"), max_length=20)

    def clean_facility(self) -> Facility:
        visible = Facility.objects.visible_to(self.user)
        facility: Facility | None = visible.filter(number=normalised(self.cleaned_data["facility"])).first()
        if facility is None:
            raise ValidationError(_("You know no facility with this number."), code="unknown")
        return facility


class PremisesForm(OfComplaintForm):
    name_km = forms.CharField(label=gettext_lazy("Name in Khmer"), max_length=250, required=False)
    name_en = forms.CharField(label=gettext_lazy("Name in Latin letters"), max_length=250, required=False)
    type = forms.ModelChoiceField(
        FacilityType.objects.order_by("pk"), label=gettext_lazy("Type"), to_field_name="code", empty_label="–"
    )
    area = forms.ModelChoiceField(
        Area.objects.none(), label=gettext_lazy("Area"), to_field_name="code", empty_label=None
    )
    address = forms.CharField(label=gettext_lazy("Address"), max_length=300, required=False)

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        levels = (AreaLevel.PROVINCE, AreaLevel.DISTRICT, AreaLevel.COMMUNE)
        areas = Area.objects.in_force().filter(province=self.complaint.province_id, level__in=levels)
        self.fields["area"].queryset = areas.order_by("code")  # type: ignore[attr-defined]
        self.fields["area"].label_from_instance = _area_in_its_place  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        facts = super().clean() or {}
        if not (facts.get("name_km") or facts.get("name_en")):
            self.add_error("name_km", _("Write the name on the sign, or what people call it."))
        return {"facts": facts}


def _area_in_its_place(area: Area) -> str:
    return f"{area.code} {area}"


class VisitForm(OfComplaintForm, GrantForm):
    """The facility is never told of a visit after a complaint."""

    announced = None  # type: ignore[assignment]

    def __init__(self, *arguments: Any, **options: Any) -> None:
        assert self.complaint.facility is not None  # noqa: S101
        super().__init__(*arguments, facility=self.complaint.facility, **options)


class NoteForm(OfComplaintForm):
    text = note_field(gettext_lazy("Note, for the staff only"))


class InvestigateForm(OfComplaintForm):
    note = note_field(gettext_lazy("How is it looked into?"))


class ReplyForm(OfComplaintForm):
    text = note_field(gettext_lazy("What the complainant reads"))


class ReopenForm(OfComplaintForm):
    text = note_field(gettext_lazy("Why is it taken up again?"))


class MergeForm(OfComplaintForm):
    leading = CodeField(label=gettext_lazy("Number of the other complaint"), max_length=20)

    def clean_leading(self) -> Complaint:
        number = normalised(self.cleaned_data["leading"])
        leading: Complaint | None = Complaint.objects.visible_to(self.user).filter(number=number).first()
        if leading is None:
            raise ValidationError(_("You know no complaint with this number."), code="unknown")
        return leading


class EmptyForm(OfComplaintForm):
    """Nothing is asked."""
