"""What this room does when news of it is kept."""

from typing import Any

import structlog
from django.dispatch import receiver
from kombu.exceptions import OperationalError

from registry.outbox import tasks
from registry.outbox.events import posted


@receiver(posted)
def start_the_relay(**_signal: Any) -> None:
    """Letters leave at once. Without a broker they wait for the relay that the schedule starts every minute."""
    try:
        tasks.relay.apply_async(retry=False)
    except OperationalError as error:
        structlog.get_logger(__name__).warning("relay_not_started", error=str(error))
