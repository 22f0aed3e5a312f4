from datetime import datetime

from django.db import transaction

from registry.accounts.models import User
from registry.outbox.models import Message


@transaction.atomic
def read(*, message: Message, by: User, at: datetime) -> Message:
    """The reader has seen the message; the first time counts. Another's message is not found: raises DoesNotExist."""
    own: Message = Message.objects.all().visible_to(by).select_for_update().get(pk=message.pk)
    if own.read_at is None:
        own.read_at = at
        own.save(update_fields=["read_at"])
    return own


def read_all(*, by: User, at: datetime) -> int:
    """Everything that came to the reader until now counts as read; returns how many messages that are."""
    return Message.objects.all().visible_to(by).unread().filter(posted_at__lte=at).update(read_at=at)
