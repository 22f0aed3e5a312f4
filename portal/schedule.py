"""Everything Celery beat starts, and when (Asia/Phnom_Penh)."""

from celery.schedules import crontab

SCHEDULE = {
    "relay-of-letters": {
        "task": "registry.outbox.tasks.relay",
        "schedule": crontab(),
    },
    "nightly-planning-of-visits": {
        "task": "inspections.tasks.plan_visits_tonight",
        "schedule": crontab(hour="0", minute="30"),
    },
    "nightly-expiry-of-licences": {
        "task": "licensing.tasks.expire_tonight",
        "schedule": crontab(hour="0", minute="10"),
    },
    "nightly-opening-of-sites": {
        "task": "licensing.tasks.open_sites_tonight",
        "schedule": crontab(hour="0", minute="20"),
    },
    "nightly-forgetting-of-old-answers": {
        "task": "registry.tasks.forget_old_answers",
        "schedule": crontab(hour="3", minute="0"),
    },
    "reminders-to-renew": {
        "task": "licensing.tasks.remind_today",
        "schedule": crontab(hour="7", minute="0"),
    },
    "watch-over-the-sweep": {
        "task": "enforcement.tasks.watch_the_sweep",
        "schedule": crontab(hour="6", minute="0"),
    },
    "nightly-compliance-sweep": {
        "task": "enforcement.tasks.sweep_tonight",
        "schedule": crontab(hour="1", minute="0"),
    },
}
