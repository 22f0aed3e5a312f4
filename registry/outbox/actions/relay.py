"""The relay: letters leave one by one, each in a transaction that holds its row while it is handed over.

Two relays at once skip each other's letters. One that is killed half-way leaves its letter waiting, and it is sent
again: at least once, with the same Message-ID, by which mail programs and gateways know the second copy.
"""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from registry.accounts.models import User
from registry.accounts.states import Role
from registry.audit.actions import record
from registry.outbox import permissions, policies, rules
from registry.outbox.actions.posting import post
from registry.outbox.models import Letter
from registry.outbox.states import LetterState


@transaction.atomic
def send_next(*, at: datetime) -> Letter | None:
    """Hand over the letter whose turn it is, or let it wait for another attempt; None where nothing is due.

    After the last attempt it is given up, and the administrators are told, once a day and channel.
    """
    letter: Letter | None = Letter.objects.all().due(at).select_for_update(of=("self",), skip_locked=True).first()
    if letter is None:
        return None
    letter.attempts += 1
    try:
        import_string(settings.LETTER_CHANNELS[letter.channel])().send(
            address=letter.address, subject=letter.subject, text=letter.text, reference=letter.uuid
        )
    except Exception as error:
        _failed(letter, f"{type(error).__name__}: {error}", at=at)
    else:
        letter.state, letter.sent_at, letter.failure = LetterState.SENT, at, ""
    letter.save(update_fields=["attempts", "state", "sent_at", "failure", "next_try_at"])
    return letter


def _failed(letter: Letter, failure: str, *, at: datetime) -> None:
    letter.failure = failure[:300]
    delay = rules.delay_after(letter.attempts)
    if delay is not None:
        letter.next_try_at = at + delay
        return
    letter.state = LetterState.GIVEN_UP
    secret = letter.kind in rules.in_confidence()
    address, said = (_("in confidence"), "") if secret else (letter.address, letter.failure)
    record(verb="letter.given_up", subject=letter, by=None, at=at, reason=said)
    post(
        to=User.objects.filter(role=Role.ADMINISTRATOR, is_active=True),
        kind="letter.given_up",
        key=f"letter.given_up:{letter.channel}:{timezone.localdate(at)}",
        context={"channel": letter.get_channel_display(), "address": address, "failure": said},
        link="/letters/?state=given_up",
        at=at,
    )


@transaction.atomic
def send_again(*, letter: Letter, by: User, at: datetime) -> Letter:
    """A letter that was given up waits again, with all its attempts. Raises NotPermitted or Refused."""
    permissions.check_may_send_again(by)
    letter = Letter.objects.select_for_update(of=("self",)).get(pk=letter.pk)
    policies.check_can_send_again(letter)
    letter.state, letter.attempts, letter.next_try_at = LetterState.WAITING, 0, at
    letter.save(update_fields=["state", "attempts", "next_try_at"])
    record(verb="letter.sent_again", subject=letter, by=by, at=at)
    return letter
