"""Whether the register can work, for machines that watch it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import redis
from django.conf import settings
from django.db import DatabaseError, connection

from enforcement.models import SweepRun
from enforcement.reports import last_sweep

SWEEP_IS_MISSED_AFTER = timedelta(hours=36)
"""The sweep runs every night: a day and a half without a completed one means that a night was missed."""

PATIENCE_SECONDS = 2


@dataclass(frozen=True)
class Health:
    """`sweep` is the last completed sweep of all rules, None where there is none or nobody can tell."""

    database: bool
    broker: bool
    sweep: SweepRun | None
    sweep_age: timedelta | None

    @property
    def status(self) -> str:
        """down: no page or no background work is possible; degraded: people can work, but a sweep was missed."""
        if not (self.database and self.broker):
            return "down"
        missed = self.sweep_age is None or self.sweep_age > SWEEP_IS_MISSED_AFTER
        return "degraded" if missed else "ok"


def health(*, at: datetime) -> Health:
    """Ask the database and the broker now, each for two seconds at most where nobody answers."""
    sweep, database = _sweep()
    age = at - sweep.finished_at if sweep is not None and sweep.finished_at is not None else None
    return Health(database=database, broker=_broker_answers(), sweep=sweep, sweep_age=age)


def _sweep() -> tuple[SweepRun | None, bool]:
    try:
        if connection.connection is not None and not connection.is_usable():
            connection.close()
        return last_sweep(), True
    except DatabaseError:
        return None, False


def _broker_answers() -> bool:
    patience = {"socket_connect_timeout": PATIENCE_SECONDS, "socket_timeout": PATIENCE_SECONDS}
    try:
        with redis.Redis.from_url(settings.CELERY_BROKER_URL, **patience) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False
