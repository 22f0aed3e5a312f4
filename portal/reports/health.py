"""Whether the register can work, for machines that watch it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import redis
from django.conf import settings
from django.db import DatabaseError, connection

from enforcement.models import SweepRun
from enforcement.reports import last_sweep
from registry.outbox.models import Letter

SWEEP_IS_MISSED_AFTER = timedelta(hours=36)
"""The sweep runs every night: a day and a half without a completed one means that a night was missed."""

LETTERS_ARE_STUCK_AFTER = timedelta(minutes=30)
"""The relay of letters starts every minute: one that is due for half an hour means that it does not."""

PATIENCE_SECONDS = 2


@dataclass(frozen=True)
class Health:
    """`sweep` is the last completed sweep of all rules, None where there is none or nobody can tell.

    `letters_overdue`: for how long the oldest letter whose turn it is has waited for the relay.
    """

    database: bool
    broker: bool
    sweep: SweepRun | None
    sweep_age: timedelta | None
    letters_overdue: timedelta

    @property
    def status(self) -> str:
        """down: no page or no background work is possible; degraded: people can work, but a sweep was missed or letters
        do not leave."""
        if not (self.database and self.broker):
            return "down"
        missed = self.sweep_age is None or self.sweep_age > SWEEP_IS_MISSED_AFTER
        return "degraded" if missed or self.letters_overdue > LETTERS_ARE_STUCK_AFTER else "ok"


def health(*, at: datetime) -> Health:
    """Ask the database and the broker now, each for two seconds at most where nobody answers."""
    sweep, overdue, database = _sweep_and_letters(at)
    age = at - sweep.finished_at if sweep is not None and sweep.finished_at is not None else None
    return Health(database=database, broker=_broker_answers(), sweep=sweep, sweep_age=age, letters_overdue=overdue)


def _sweep_and_letters(at: datetime) -> tuple[SweepRun | None, timedelta, bool]:
    try:
        if connection.connection is not None and not connection.is_usable():
            connection.close()
        oldest = Letter.objects.all().due(at).first()
        return last_sweep(), at - oldest.next_try_at if oldest else timedelta(), True
    except DatabaseError:
        return None, timedelta(), False


def _broker_answers() -> bool:
    patience = {"socket_connect_timeout": PATIENCE_SECONDS, "socket_timeout": PATIENCE_SECONDS}
    try:
        with redis.Redis.from_url(settings.CELERY_BROKER_URL, **patience) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False
