from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from registry.outbox import actions
from registry.outbox.states import LetterState

LONGEST = timedelta(seconds=50)
"""No relay runs into the next but one, which the schedule starts."""

FAILURES = 3
"""So many letters in a row fail because a gateway is down: the next relay asks again."""


@shared_task
def relay() -> None:
    """Send what is due. Two at once share the work; what a killed one left waiting, the next one sends."""
    started, failures = timezone.now(), 0
    while failures < FAILURES and timezone.now() - started < LONGEST:
        letter = actions.send_next(at=timezone.now())
        if letter is None:
            return
        failures = 0 if letter.state == LetterState.SENT else failures + 1
