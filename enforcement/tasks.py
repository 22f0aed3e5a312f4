from datetime import date

from celery import shared_task
from django.utils import timezone

from enforcement import sweeps


@shared_task
def sweep_tonight() -> None:
    """The nightly sweep as of today in Phnom Penh. Started twice or late, it does its work once."""
    sweeps.sweep_unless_done(as_of=timezone.localdate(), started_by="schedule")


@shared_task
def watch_the_sweep() -> None:
    """In the morning administrators are told of sweeps that failed or never came. Told once, however often started."""
    sweeps.watch(at=timezone.now())


@shared_task
def sweep_now(as_of: str, started_by: str) -> None:
    """A sweep that somebody asked for on the page of sweeps."""
    sweeps.sweep(as_of=date.fromisoformat(as_of), started_by=started_by)
