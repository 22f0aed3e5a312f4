import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from registry.outbox.querysets import LetterQuerySet
from registry.outbox.states import Channel, LetterState


class Letter(models.Model):
    """News that leaves the register for one address, kept with the deed it tells of and sent by the relay."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    key = models.CharField(max_length=200)
    kind = models.CharField(_("kind"), max_length=60)
    channel = models.CharField(_("channel"), max_length=8, choices=Channel)
    address = models.CharField(_("address"), max_length=254)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="letters", verbose_name=_("person")
    )
    facility_number = models.CharField(_("facility number"), max_length=20, blank=True)
    subject = models.CharField(_("subject"), max_length=300)
    text = models.TextField(_("text"))
    posted_at = models.DateTimeField(_("written"))
    state = models.CharField(_("state"), max_length=8, choices=LetterState, default=LetterState.WAITING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_try_at = models.DateTimeField(_("next attempt"))
    sent_at = models.DateTimeField(_("sent"), null=True)
    failure = models.CharField(_("last failure"), max_length=300, blank=True)

    objects = LetterQuerySet.as_manager()

    class Meta:
        verbose_name = _("letter")
        verbose_name_plural = _("letters")
        indexes = [
            models.Index(fields=["posted_at", "id"], name="letters_by_day"),
            models.Index(
                fields=["next_try_at", "id"], condition=Q(state=LetterState.WAITING), name="letters_to_be_sent"
            ),
            models.Index(
                fields=["facility_number", "channel", "address", "id"],
                condition=Q(state=LetterState.WAITING),
                name="letters_in_their_order",
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["key", "channel", "address"], name="no_address_is_written_to_twice"),
            models.CheckConstraint(condition=Q(channel__in=Channel.values), name="channel_is_known"),
            models.CheckConstraint(condition=Q(state__in=LetterState.values), name="letter_state_is_known"),
            models.CheckConstraint(condition=~Q(address=""), name="letter_has_an_address"),
            models.CheckConstraint(
                condition=Q(state=LetterState.SENT, sent_at__isnull=False)
                | ~Q(state=LetterState.SENT) & Q(sent_at__isnull=True),
                name="only_a_sent_letter_was_sent",
            ),
        ]

    def __str__(self) -> str:
        return self.subject
