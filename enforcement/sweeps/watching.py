"""Who watches the sweep."""

from datetime import datetime, timedelta

from django.urls import reverse
from django.utils import timezone

from enforcement.models import SweepRun
from enforcement.states import SweepState
from registry.accounts.models import User
from registry.accounts.states import Role
from registry.outbox import actions as outbox

LOOKS_BACK = timedelta(days=3)


def watch(*, at: datetime) -> None:
    """Tell the administrators of each sweep that failed or was killed in these days, and of a day that has none.

    Called in the morning, when the sweep of the night should be complete. Safe to repeat: each is told once.
    """
    today = timezone.localdate(at)
    administrators = User.objects.filter(role=Role.ADMINISTRATOR, is_active=True)
    news = [
        outbox.News(
            kind="sweep.failed",
            key=f"sweep.failed:{run.pk}",
            to=administrators,
            context={"day": run.as_of, "started_by": run.started_by, "failure": run.failure},
            link=reverse("sweep-run-detail", args=[run.pk]),
        )
        for run in SweepRun.objects.filter(
            state__in=(SweepState.FAILED, SweepState.INTERRUPTED), started_at__gte=at - LOOKS_BACK
        )
    ]
    if not SweepRun.objects.completed().of_all_rules().filter(as_of__gte=today).exists():
        news.append(
            outbox.News(
                kind="sweep.missed",
                key=f"sweep.missed:{today}",
                to=administrators,
                context={"day": today},
                link=reverse("sweep-run-list"),
            )
        )
    outbox.post_all(news, at=at)
