from celery import shared_task
from django.utils import timezone

from licensing import sweeps


@shared_task
def remind_today() -> None:
    """Licensees are reminded to renew. Started twice or late, it reminds nobody twice."""
    now = timezone.now()
    sweeps.remind(as_of=timezone.localdate(now), at=now)
