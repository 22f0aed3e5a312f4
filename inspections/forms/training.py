"""Forms about courses, trainings and interests."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from inspections.models import Checklist, Course
from inspections.policies import NOTE_LENGTH
from registry.accounts.models import User
from registry.accounts.states import Role
from registry.areas.models import Area
from registry.core.numbers import normalised
from registry.models import Facility
from registry.ui.forms import CodeField, DayField, PageForm


class CourseForm(PageForm):
    code = forms.SlugField(label=gettext_lazy("Code"), max_length=40)
    name_km = forms.CharField(label=gettext_lazy("Name in Khmer"), max_length=200)
    name_en = forms.CharField(label=gettext_lazy("Name in English"), max_length=200)
    checklists = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Checklists for which it trains"),
        queryset=Checklist.objects.order_by("code"),
        widget=forms.CheckboxSelectMultiple,
    )
    valid_months = forms.IntegerField(
        label=gettext_lazy("For how many months the competence lasts"), min_value=1, max_value=120, initial=24
    )


class TrainingForm(PageForm):
    course = forms.ModelChoiceField(label=gettext_lazy("Course"), queryset=Course.objects.order_by("code"))
    held_on = DayField(label=gettext_lazy("Held on"))
    place = forms.CharField(label=gettext_lazy("Place"), max_length=200)
    trainer = forms.CharField(label=gettext_lazy("Trainer"), max_length=200)
    province = forms.ModelChoiceField(
        label=gettext_lazy("Province"),
        queryset=Area.objects.none(),
        required=False,
        empty_label=gettext_lazy("For the whole country"),
    )
    participants = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Who took part"), queryset=User.objects.none(), widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *arguments: Any, user: User, **options: Any) -> None:
        super().__init__(*arguments, **options)
        people = User.objects.filter(role=Role.INSPECTOR, is_active=True).select_related("province")
        provinces = Area.objects.in_force().provinces().order_by("sort_key")
        if user.role == Role.PROVINCIAL_MANAGER:
            people, provinces = people.filter(province=user.province_id), provinces.filter(pk=user.province_id)
            self.fields["province"].empty_label = None  # type: ignore[attr-defined]
        self.fields["participants"].queryset = people.order_by("province__code", "username")  # type: ignore[attr-defined]
        self.fields["participants"].label_from_instance = lambda person: f"{person} – {person.province}"  # type: ignore[attr-defined]
        self.fields["province"].queryset = provinces  # type: ignore[attr-defined]


class CompetenceEndForm(PageForm):
    on = DayField(label=gettext_lazy("Last day of the competence"))
    reason = forms.CharField(
        label=gettext_lazy("Reason"), widget=forms.Textarea(attrs={"rows": 3}), max_length=NOTE_LENGTH
    )


class InterestForm(PageForm):
    person = forms.ModelChoiceField(label=gettext_lazy("Whose interest"), queryset=User.objects.none())
    facility_number = CodeField(
        label=gettext_lazy("Facility number"),
        help_text=gettext_lazy("It stands on the page of the facility, and begins with KH."),
    )
    whole_operator = forms.BooleanField(
        label=gettext_lazy("In whoever operates it: the interest is in all facilities of this operator"),
        required=False,
    )
    nature = forms.CharField(
        label=gettext_lazy("What is the interest?"),
        help_text=gettext_lazy(
            "For example, you or somebody of your family owns it, works or worked there, or owes it money."
        ),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=NOTE_LENGTH,
    )

    def __init__(self, *arguments: Any, user: User, people: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.user = user
        if people is None:
            del self.fields["person"]
        else:
            self.fields["person"].queryset = people  # type: ignore[attr-defined]
            self.fields["person"].initial = user

    def clean(self) -> dict[str, Any]:
        """A number becomes the facility, or whoever operates it."""
        sent = super().clean() or {}
        number, whole = sent.pop("facility_number", ""), sent.pop("whole_operator", False)
        sent.setdefault("person", self.user)
        sent["facility"], sent["operator"] = None, None
        facility = Facility.objects.select_related("operator").filter(number=normalised(number)).first()
        if facility is None:
            self.add_error("facility_number", gettext_lazy("There is no facility with this number."))
        elif whole and facility.operator is None:
            self.add_error("whole_operator", gettext_lazy("The register does not know who operates this facility."))
        else:
            sent["operator" if whole else "facility"] = facility.operator if whole else facility
        return sent
