"""What is sent as proof of a visit: where the inspector was, photos and signatures."""

from typing import Any

from django.core.files import File
from django.utils.translation import gettext as _
from rest_framework import serializers

from inspections.models import Visit, VisitSignature
from inspections.policies import NOTE_LENGTH
from inspections.states import SignerKind
from registry.files.rules import is_blank
from registry.ui.api import Text


class SignatureSerializer(serializers.Serializer[VisitSignature]):
    """Who signed, or why the facility did not; it counts under the fingerprint of the content that it was given for."""

    signer = serializers.ChoiceField(SignerKind.choices, source="kind")
    name = serializers.CharField()
    position = Text()
    refused_because = Text()
    content_hash = serializers.CharField()
    signed_at = serializers.DateTimeField()
    sha256 = serializers.CharField(source="image.sha256", default=None, allow_null=True)


class ArrivalSerializer(serializers.Serializer[Visit]):
    """Where the device says that it is; nothing where it cannot say."""

    latitude = serializers.DecimalField(max_digits=8, decimal_places=6, required=False, min_value=-90, max_value=90)
    longitude = serializers.DecimalField(max_digits=9, decimal_places=6, required=False, min_value=-180, max_value=180)
    accuracy_m = serializers.IntegerField(required=False, min_value=0, max_value=1_000_000)


class ServicesSerializer(serializers.Serializer[Visit]):
    """The services found, by their codes; all of them, each time."""

    services = serializers.ListField(child=serializers.CharField(max_length=40), max_length=200)


class PhotoUploadSerializer(serializers.Serializer[Visit]):
    """A photo of an item, or of the visit as a whole. What is not said of time and place is read from the picture."""

    file = serializers.FileField(help_text="JPEG, PNG or WebP, at most 10 MB.")
    item = serializers.CharField(required=False, default="", max_length=60, help_text="Section, dot, item code.")
    caption = serializers.CharField(required=False, default="", max_length=300)
    taken_at = serializers.DateTimeField(required=False)
    latitude = serializers.DecimalField(max_digits=8, decimal_places=6, required=False, min_value=-90, max_value=90)
    longitude = serializers.DecimalField(max_digits=9, decimal_places=6, required=False, min_value=-180, max_value=180)
    sha256 = serializers.RegexField(
        "^[0-9a-fA-F]{64}$",
        required=False,
        default="",
        help_text="What does not arrive with this fingerprint is refused.",
    )

    def facts(self) -> dict[str, Any]:
        """What `photos.add` takes."""
        sent = dict(self.validated_data)
        latitude, longitude = sent.pop("latitude", None), sent.pop("longitude", None)
        place = None if latitude is None or longitude is None else (latitude, longitude)
        return sent | {"upload": sent.pop("file"), "item_code": sent.pop("item"), "place": place}


class SignatureUploadSerializer(serializers.Serializer[Visit]):
    """The picture of a signature: of whoever asks (`inspector`), or of the responsible person of the facility."""

    signer = serializers.ChoiceField(SignerKind.choices)
    file = serializers.FileField(required=False, help_text="JPEG, PNG or WebP, at most 10 MB.")
    name = serializers.CharField(required=False, default="", max_length=200, help_text="Of the responsible person.")
    position = serializers.CharField(required=False, default="", max_length=200)
    refused_because = serializers.CharField(
        required=False, default="", max_length=NOTE_LENGTH, help_text="Why the responsible person does not sign."
    )

    def validate_file(self, value: File) -> File:
        if is_blank(value.read()):
            raise serializers.ValidationError(_("There is nothing on this picture. Sign again."), code="blank")
        return value

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        needed = "name" if attrs["signer"] == SignerKind.RESPONSIBLE else "file"
        if not attrs.get(needed):
            raise serializers.ValidationError({needed: self.fields[needed].error_messages["required"]}, code="required")
        return attrs
