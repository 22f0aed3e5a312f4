"""Forms for photos and signatures."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files import File
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inspections.policies import NOTE_LENGTH
from registry.files.rules import is_blank
from registry.ui.forms import PageForm

ONE_PICTURE = {"accept": "image/jpeg,image/png,image/webp", "class": "govuk-file-upload"}


class PhotoForm(PageForm):
    """A photo; time, place and fingerprint are sent by the script of the page where it runs."""

    file = forms.FileField(
        label=gettext_lazy("Photo"), widget=forms.FileInput(attrs=ONE_PICTURE | {"capture": "environment"})
    )
    caption = forms.CharField(label=gettext_lazy("What it shows"), max_length=300, required=False)
    item_code = forms.CharField(max_length=60, required=False, widget=forms.HiddenInput)
    taken_at = forms.DateTimeField(required=False, widget=forms.HiddenInput)
    latitude = forms.DecimalField(required=False, min_value=-90, max_value=90, widget=forms.HiddenInput)
    longitude = forms.DecimalField(required=False, min_value=-180, max_value=180, widget=forms.HiddenInput)
    sha256 = forms.RegexField("^[0-9a-fA-F]{64}$", required=False, widget=forms.HiddenInput)

    def facts(self) -> dict[str, Any]:
        """What `photos.add` takes."""
        sent = self.cleaned_data
        latitude, longitude = sent["latitude"], sent["longitude"]
        whole = latitude is not None and longitude is not None
        place: tuple[Decimal, Decimal] | None = (round(latitude, 6), round(longitude, 6)) if whole else None
        taken_at: datetime | None = sent["taken_at"]
        return {
            "upload": sent["file"],
            "item_code": sent["item_code"],
            "caption": sent["caption"],
            "taken_at": taken_at,
            "place": place,
            "sha256": sent["sha256"],
        }


class SignatureField(forms.FileField):
    """A signature drawn on the screen or, without script, a photo of one on paper."""

    widget = forms.FileInput(attrs=ONE_PICTURE)

    def __init__(self, **options: Any) -> None:
        options.setdefault("label", gettext_lazy("Signature"))
        options.setdefault("help_text", gettext_lazy("Sign on paper and photograph it, or sign on the screen."))
        super().__init__(**options)

    def clean(self, data: Any, initial: Any = None) -> File | None:
        upload = super().clean(data, initial)
        if upload and is_blank(upload.read()):
            raise ValidationError(_("There is nothing on this picture. Sign again."), code="blank")
        return upload


class FacilitySignatureForm(PageForm):
    name = forms.CharField(label=gettext_lazy("Name of the responsible person"), max_length=200)
    position = forms.CharField(label=gettext_lazy("Position"), max_length=200, required=False)
    upload = SignatureField(required=False)
    refused_because = forms.CharField(
        label=gettext_lazy("If the signature is refused: why?"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=NOTE_LENGTH,
        required=False,
    )

    def clean(self) -> dict[str, Any]:
        sent = super().clean() or {}
        if not self.errors and bool(sent.get("upload")) == bool(sent.get("refused_because")):
            self.add_error("upload", _("Sign, or say why the signature is refused."))
        return sent


class InspectorSignatureForm(PageForm):
    upload = SignatureField()
    password = forms.CharField(
        label=gettext_lazy("Own password"),
        help_text=gettext_lazy("It shows that the inspector is here and signs in person. It is not kept."),
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        strip=False,
    )

    def __init__(self, *arguments: Any, own: bool, **options: Any) -> None:
        super().__init__(*arguments, **options)
        if own:
            del self.fields["password"]
