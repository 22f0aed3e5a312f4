from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from registry.actions.imports import KINDS
from registry.core.errors import passes
from registry.core.tables import LARGEST_FILE
from registry.ui.forms import PageForm

OWN = "own"
LARGEST_MAPPING = 200_000


class ImportForm(PageForm):
    """A file, the mapping to read it by, and what to do with it."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV or XLSX. The names of the columns are in its first row."),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx"}),
    )
    mapping = forms.ChoiceField(label=_("Mapping"), help_text=_("It says which column of the file is what."))
    own_mapping = forms.FileField(
        label=_("Your own mapping"),
        help_text=_("A TOML file, where none of the stored mappings fits."),
        widget=forms.FileInput(attrs={"accept": ".toml"}),
        required=False,
    )
    is_complete = forms.BooleanField(
        label=_("The file is the whole register of the council: whoever is not in it is struck off"), required=False
    )
    act = forms.ChoiceField(
        label=_("What to do"),
        choices=[
            ("check", _("Check only; nothing is loaded")),
            ("load", _("Load the file if every row is right")),
            ("accept", _("Load the rows that are right, and hand back the others")),
        ],
        initial="check",
        widget=forms.RadioSelect,
    )

    def __init__(self, *arguments: Any, user: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        open_to = [kind for kind in KINDS.values() if passes(kind.check_may_import, user)]
        if not any(kind.may_be_complete for kind in open_to):
            del self.fields["is_complete"]
        stored = [
            (kind.name, [(f"{kind.code}:{stem}", title) for stem, title in kind.stored_mappings().items()])
            for kind in open_to
        ]
        self.fields["mapping"].choices = [*stored, (OWN, _("Your own mapping"))]  # type: ignore[attr-defined]

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > LARGEST_FILE:
            raise forms.ValidationError(_("The file is too large."), code="file_too_large")
        return file

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        own = cleaned.get("own_mapping")
        if cleaned.get("mapping") == OWN and own is None and "own_mapping" not in self.errors:
            self.add_error("own_mapping", _("Choose the file of your own mapping."))
        if own is not None and cleaned.get("mapping", OWN) != OWN:
            self.add_error("mapping", _("You chose a stored mapping and a file of your own. Choose one of them."))
        return cleaned

    def clean_own_mapping(self) -> str | None:
        file = self.cleaned_data["own_mapping"]
        if file is None:
            return None
        try:
            return str(file.read(LARGEST_MAPPING).decode("utf-8-sig"))
        except UnicodeDecodeError as error:
            raise forms.ValidationError(_("The mapping is not UTF-8 text."), code="not_utf8") from error

    @property
    def mapping_text(self) -> str:
        chosen = self.cleaned_data["mapping"]
        if chosen == OWN:
            return str(self.cleaned_data["own_mapping"])
        kind, stem = chosen.split(":")
        return KINDS[kind].stored_mapping(stem)


class LoadForm(PageForm):
    """After a check: load now."""

    accept_valid = forms.BooleanField(label=_("Load the rows that are right, and hand back the others"), required=False)
