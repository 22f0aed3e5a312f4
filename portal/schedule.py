"""Everything Celery beat starts, and when (Asia/Phnom_Penh)."""

from celery.schedules import crontab

SCHEDULE = {
    "nightly-compliance-sweep": {
        "task": "enforcement.tasks.sweep_tonight",
        "schedule": crontab(hour="1", minute="0"),
    },
}
