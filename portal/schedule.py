"""Everything Celery beat starts, and when (Asia/Phnom_Penh)."""

from celery.schedules import crontab

SCHEDULE = {
    "nightly-planning-of-visits": {
        "task": "inspections.tasks.plan_visits_tonight",
        "schedule": crontab(hour="0", minute="30"),
    },
    "nightly-compliance-sweep": {
        "task": "enforcement.tasks.sweep_tonight",
        "schedule": crontab(hour="1", minute="0"),
    },
}
