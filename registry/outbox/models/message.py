from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from registry.outbox.querysets import MessageQuerySet


class Message(models.Model):
    """News for one person, in the inbox of the register, told in the language of whoever opens it."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, db_index=False, related_name="messages")
    key = models.CharField(max_length=200)
    kind = models.CharField(_("kind"), max_length=60)
    context = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    link = models.CharField(max_length=300, blank=True)
    facility_number = models.CharField(_("facility number"), max_length=20, blank=True)
    posted_at = models.DateTimeField(_("received"))
    read_at = models.DateTimeField(_("read"), null=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        indexes = [
            models.Index(fields=["person", "posted_at", "id"], name="messages_of_a_person"),
            models.Index(fields=["person"], condition=Q(read_at=None), name="unread_messages"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["key", "person"], name="nobody_is_told_twice"),
            models.CheckConstraint(
                condition=Q(link="") | Q(link__startswith="/") & ~Q(link__startswith="//"),
                name="a_message_leads_to_the_register",
            ),
        ]

    def __str__(self) -> str:
        return self.kind
