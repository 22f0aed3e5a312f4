from typing import Any

from django.core.validators import validate_slug
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from registry.areas.models import Area, OperationalDistrict
from registry.forms.names import checked
from registry.models import Council, EquipmentKind, FacilityType, Service
from registry.policies import check_khmer_name, check_latin_name
from registry.ui.forms import CodeField, PageModelForm


class EntryForm(PageModelForm):
    """One entry of the catalogue. Its code never changes: files and other systems know it."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        if self.instance.pk is not None:
            del self.fields["code"]

    def clean_name_km(self) -> str:
        return checked(check_khmer_name, self.cleaned_data["name_km"])

    def clean_name_en(self) -> str:
        return checked(check_latin_name, self.cleaned_data["name_en"])


class FacilityTypeForm(EntryForm):
    class Meta:
        model = FacilityType
        fields = ("code", "name_km", "name_en", "authority", "licence_needed", "beds_from", "beds_below")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        first, below = cleaned.get("beds_from"), cleaned.get("beds_below")
        if below is not None and below <= (first or 0):
            self.add_error("beds_below", _("This number is above the number of beds from which the type begins."))
        return cleaned


class ServiceForm(EntryForm):
    class Meta:
        model = Service
        fields = ("code", "name_km", "name_en", "needs_authorisation")


class CouncilForm(EntryForm):
    class Meta:
        model = Council
        fields = ("code", "name_km", "name_en")


class EquipmentKindForm(EntryForm):
    class Meta:
        model = EquipmentKind
        fields = ("code", "name_km", "name_en", "needs_calibration")


class OperationalDistrictForm(EntryForm):
    code = CodeField(label=gettext_lazy("Code"), max_length=20, validators=[validate_slug])

    class Meta:
        model = OperationalDistrict
        fields = ("code", "name_km", "name_en", "province")

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["province"].queryset = Area.objects.in_force().provinces().order_by("sort_key")  # type: ignore[attr-defined]
