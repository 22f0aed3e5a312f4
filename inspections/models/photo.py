from django.db import models
from django.utils.translation import gettext_lazy as _

from inspections.models.frozen import kept_once_handed_in
from inspections.models.visit import Visit
from registry.core.history import keep_history
from registry.files.models import StoredFile


@keep_history()
class VisitPhoto(models.Model):
    """A picture taken on a visit: of what, when and where."""

    visit = models.ForeignKey(Visit, models.CASCADE, related_name="photos")
    item_code = models.CharField(_("item"), max_length=60, blank=True)
    """Key of the item it shows, "S02.A01"; empty: of the visit as a whole."""
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    caption = models.CharField(_("caption"), max_length=300, blank=True)
    taken_at = models.DateTimeField(_("taken at"), null=True)
    latitude = models.DecimalField(_("latitude"), max_digits=8, decimal_places=6, null=True)
    longitude = models.DecimalField(_("longitude"), max_digits=9, decimal_places=6, null=True)
    added_at = models.DateTimeField(_("added at"))
    added_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("photo")
        verbose_name_plural = _("photos")
        constraints = [models.UniqueConstraint(fields=["visit", "item_code", "file"], name="a_photo_is_added_once")]
        triggers = [kept_once_handed_in("photos")]

    def __str__(self) -> str:
        return self.caption or self.item_code or str(self.file)
