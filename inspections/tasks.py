from celery import shared_task
from django.utils import timezone

from inspections import sweeps


@shared_task
def plan_visits_tonight() -> None:
    """Planned visits follow the standings. Started twice or late, it does its work once."""
    sweeps.plan_visits(at=timezone.now())
