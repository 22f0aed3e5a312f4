from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from registry.forms.names import checked
from registry.models import Operator
from registry.policies import check_khmer_name, check_latin_name
from registry.ui.forms import CodeField, PageModelForm


class OperatorForm(PageModelForm):
    """The facts about an operator."""

    registration_number = CodeField(label=gettext_lazy("Registration number"), max_length=40, required=False)
    phone = CodeField(label=gettext_lazy("Telephone"), max_length=40, required=False)
    parent = forms.ModelChoiceField(
        Operator.objects.none(),
        label=gettext_lazy("Belongs to"),
        help_text=gettext_lazy("The brand or the organisation above, so that all branches can be found."),
        required=False,
        empty_label="–",
    )

    class Meta:
        model = Operator
        fields = ("name_km", "name_en", "kind", "foreign", "registration_number", "phone", "email", "parent")
        widgets = {"kind": forms.RadioSelect}

    def __init__(self, data: Any = None, *, user: Any, **options: Any) -> None:
        super().__init__(data, **options)
        above = Operator.objects.all().visible_to(user).filter(parent=None).exclude(pk=self.instance.pk)
        present = Operator.objects.filter(pk=self.instance.parent_id)
        self.fields["parent"].queryset = (above | present).order_by("search_key")  # type: ignore[attr-defined]
        self.fields["kind"].choices = self.fields["kind"].choices[1:]  # type: ignore[attr-defined]

    def _post_clean(self) -> None:
        """Nothing is written into the operator here: the action does that."""

    def clean_name_km(self) -> str:
        return checked(check_khmer_name, self.cleaned_data["name_km"])

    def clean_name_en(self) -> str:
        return checked(check_latin_name, self.cleaned_data["name_en"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not ({"name_km", "name_en"} & self.errors.keys() or cleaned["name_km"] or cleaned["name_en"]):
            self.add_error("name_km", _("Give a name in Khmer or in Latin letters."))
        return cleaned
