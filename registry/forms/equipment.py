"""What people type about the devices of a facility, and about what services need."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from registry.models import Council, Equipment, EquipmentKind, Prerequisite, Service
from registry.ui.forms import CodeField, DayField, PageForm, PageModelForm


class EquipmentForm(PageModelForm):
    """The facts about a device."""

    kind = forms.ModelChoiceField(
        EquipmentKind.objects.order_by("pk"), label=gettext_lazy("Kind"), to_field_name="code", empty_label="–"
    )
    serial = CodeField(label=gettext_lazy("Serial number"), max_length=80)
    installed_on = DayField(label=gettext_lazy("In use since"))
    approval_number = CodeField(label=gettext_lazy("Approval: number"), max_length=60, required=False)
    approved_on = DayField(label=gettext_lazy("Approval: day"), required=False)
    calibration_due_on = DayField(
        label=gettext_lazy("Calibration due on"),
        help_text=gettext_lazy("The last day on which the calibration holds."),
        required=False,
    )

    class Meta:
        model = Equipment
        fields = (
            *("kind", "maker", "model", "serial", "installed_on", "approval_number", "approved_on"),
            "calibration_due_on",
        )

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        if self.instance.pk is not None:
            self.initial["kind"] = self.instance.kind.code

    def _post_clean(self) -> None:
        """Nothing is written into the equipment here: the action does that."""


class WithdrawForm(PageForm):
    """From when on a device is no longer used."""

    withdrawn_on = DayField(label=gettext_lazy("No longer used since"))


class PrerequisiteForm(PageModelForm):
    """What a service needs: practitioners of a council, or equipment of a kind."""

    service = forms.ModelChoiceField(Service.objects.order_by("pk"), label=gettext_lazy("Service"), empty_label="–")
    council = forms.ModelChoiceField(
        Council.objects.order_by("pk"),
        label=gettext_lazy("Practitioners of the council"),
        required=False,
        empty_label="–",
    )
    equipment_kind = forms.ModelChoiceField(
        EquipmentKind.objects.order_by("pk"),
        label=gettext_lazy("Or equipment of the kind"),
        required=False,
        empty_label="–",
    )

    class Meta:
        model = Prerequisite
        fields = ("service", "council", "equipment_kind", "least", "clause")

    def clean_least(self) -> int:
        least: int = self.cleaned_data["least"]
        if least < 1:
            raise forms.ValidationError(_("One is the least."), code="too_few")
        return least

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if (cleaned.get("council") is None) == (cleaned.get("equipment_kind") is None):
            self.add_error("council", _("Choose a council or a kind of equipment, not both."))
        return cleaned
