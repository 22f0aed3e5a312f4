from django.db import models
from django.utils.translation import gettext_lazy as _


class SweepState(models.TextChoices):
    RUNNING = "running", _("Running")
    COMPLETED = "completed", _("Completed")
    FAILED = "failed", _("Failed")
    INTERRUPTED = "interrupted", _("Interrupted")


SWEEP_TRANSITIONS: dict[str, tuple[str, ...]] = {
    SweepState.RUNNING: (SweepState.COMPLETED, SweepState.FAILED, SweepState.INTERRUPTED),
    SweepState.COMPLETED: (),
    SweepState.FAILED: (),
    SweepState.INTERRUPTED: (),
}


class FlagSeverity(models.IntegerChoices):
    NOTICE = 1, _("Notice")
    WARNING = 2, _("Warning")
    SERIOUS = 3, _("Serious")
    DANGER = 4, _("Danger")


class EscalationLevel(models.IntegerChoices):
    PROVINCE = 0, _("Province")
    DEPARTMENT = 1, _("Department")
    MINISTER = 2, _("Minister")


LETTERS = {
    "sweep.failed": (
        _("A sweep did not come to its end"),
        _("The sweep as of %(day)s, started by %(started_by)s, did not come to its end. %(failure)s"),
    ),
    "sweep.missed": (
        _("The nightly sweep was missed"),
        _("No sweep as of %(day)s has come to its end. Flags and due dates may be out of date."),
    ),
}
"""What each kind of letter of this floor says: its subject and its text."""
