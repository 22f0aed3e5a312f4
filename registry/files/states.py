from django.db import models
from django.utils.translation import gettext_lazy as _


class FileKind(models.TextChoices):
    """What a file is by its content, whatever it is called."""

    JPEG = "image/jpeg", _("JPEG picture")
    PNG = "image/png", _("PNG picture")
    WEBP = "image/webp", _("WebP picture")
    PDF = "application/pdf", _("PDF document")


PICTURES = (FileKind.JPEG, FileKind.PNG, FileKind.WEBP)
DOCUMENTS = (*PICTURES, FileKind.PDF)
