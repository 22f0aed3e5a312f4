from django.db import models
from django.utils.translation import gettext_lazy as _


class Channel(models.TextChoices):
    """Ways out of the house. The inbox needs none of them."""

    EMAIL = "email", _("E-mail")
    SMS = "sms", _("SMS")
    TELEGRAM = "telegram", _("Telegram")


class LetterState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    SENT = "sent", _("Sent")
    GIVEN_UP = "given_up", _("Given up")


LETTER_TRANSITIONS: dict[str, tuple[str, ...]] = {
    LetterState.WAITING: (LetterState.SENT, LetterState.GIVEN_UP),
    LetterState.SENT: (),
    LetterState.GIVEN_UP: (LetterState.WAITING,),
}

EVENTS = {
    "letter.given_up": _("Letter given up"),
    "letter.sent_again": _("Letter to be sent again"),
}
"""What the events of this room are called."""

LETTERS = {
    "letter.given_up": (
        _("Letters could not be sent"),
        _("Letters by %(channel)s could not be sent, the first of today to %(address)s: %(failure)s"),
    ),
}
"""What each kind of letter says: its subject and its text, whose placeholders `post` is given as `context`."""
