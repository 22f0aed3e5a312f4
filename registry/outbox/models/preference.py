from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from registry.outbox.querysets import PreferenceQuerySet


class Preference(models.Model):
    """How one person wants to be written to. Who never said so reads Khmer and gets e-mail."""

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.PROTECT, primary_key=True, related_name="letter_preference"
    )
    language = models.CharField(
        _("language of letters"), max_length=2, choices=settings.LANGUAGES, default=settings.LANGUAGES[0][0]
    )
    by_email = models.BooleanField(_("Send my messages by e-mail as well"), default=True)
    phone = models.CharField(_("telephone for SMS"), max_length=40, blank=True)
    telegram_chat = models.CharField(_("number of the Telegram chat"), max_length=40, blank=True)

    objects = PreferenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("preference")
        verbose_name_plural = _("preferences")

    def __str__(self) -> str:
        return str(self.person)
