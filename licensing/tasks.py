from celery import shared_task
from django.utils import timezone

from licensing import sweeps


@shared_task
def remind_today() -> None:
    """Licensees are reminded to renew. Started twice or late, it reminds nobody twice."""
    now = timezone.now()
    sweeps.remind(as_of=timezone.localdate(now), at=now)


@shared_task
def expire_tonight() -> None:
    """What ran out yesterday becomes expired. Started twice or late, it does its work once."""
    now = timezone.now()
    sweeps.expire(as_of=timezone.localdate(now), at=now)


@shared_task
def open_sites_tonight() -> None:
    """Sites open on the first day of their licence. Started twice or late, it opens none twice."""
    now = timezone.now()
    sweeps.open_sites(as_of=timezone.localdate(now), at=now)
