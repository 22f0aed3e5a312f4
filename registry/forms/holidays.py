from django.utils.translation import gettext_lazy

from registry.forms.names import checked
from registry.models import PublicHoliday
from registry.policies import check_khmer_name, check_latin_name
from registry.ui.forms import DayField, PageModelForm


class HolidayForm(PageModelForm):
    day = DayField(label=gettext_lazy("Day"))

    class Meta:
        model = PublicHoliday
        fields = ("day", "name_km", "name_en", "source")
        help_texts = {"source": gettext_lazy("The sub-decree that says so, with its number and date.")}

    def clean_name_km(self) -> str:
        return checked(check_khmer_name, self.cleaned_data["name_km"])

    def clean_name_en(self) -> str:
        return checked(check_latin_name, self.cleaned_data["name_en"])
