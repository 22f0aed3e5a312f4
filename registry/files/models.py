import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from registry.files.querysets import StoredFileQuerySet


class StoredFile(models.Model):
    """The bytes of one photo or document, checked when they came and kept for ever under their SHA-256.

    The floor that refers to a file says who may see it.
    """

    sha256 = models.CharField(max_length=64)
    content_type = models.CharField(_("kind"), max_length=60)
    size = models.PositiveBigIntegerField(_("size in bytes"))
    name = models.CharField(_("name"), max_length=200)
    """As the person called it; for showing only, never a path."""
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    stored_at = models.DateTimeField()
    stored_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")

    objects = StoredFileQuerySet.as_manager()

    class Meta:
        verbose_name = _("file")
        verbose_name_plural = _("files")
        constraints = [
            models.UniqueConstraint(fields=["sha256"], name="the_same_bytes_are_kept_once"),
            models.CheckConstraint(condition=Q(sha256__regex="^[0-9a-f]{64}$"), name="fingerprint_is_sha256"),
        ]
        triggers = [
            pgtrigger.Protect(name="files_stay_as_they_came", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return self.name
