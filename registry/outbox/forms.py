from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from registry.outbox.models import Preference
from registry.outbox.states import Channel
from registry.ui.forms import PageModelForm


class PreferenceForm(PageModelForm):
    """How I want to be written to. Channels that the register has no gateway for are not asked about."""

    class Meta:
        model = Preference
        fields = ("language", "by_email", "phone", "telegram_chat")
        help_texts = {
            "phone": _("Empty: no SMS."),
            "telegram_chat": _("The number that the bot of the ministry told you. Empty: nothing by Telegram."),
        }

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        for name, channel in (("phone", Channel.SMS), ("telegram_chat", Channel.TELEGRAM)):
            if channel not in settings.LETTER_CHANNELS:
                del self.fields[name]
