from celery import shared_task
from django.utils import timezone

from registry.outbox import actions

AT_ONCE = 500
"""So many letters a start of the relay sends at most, so that none runs for ever; the next goes on."""


@shared_task
def relay() -> None:
    """Send what is due. Two at once share the work; what a killed one left waiting, the next one sends."""
    for _turn in range(AT_ONCE):
        if actions.send_next(at=timezone.now()) is None:
            return
