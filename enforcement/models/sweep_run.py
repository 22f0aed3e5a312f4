import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from enforcement.querysets import SweepRunQuerySet
from enforcement.states import SweepState


class SweepRun(models.Model):
    """One pass of the compliance rules over the register: as of which day, what it raised and cleared, how long."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    as_of = models.DateField(_("as of"))
    rules = models.JSONField(_("rules"), default=list)
    partial = models.BooleanField(_("some rules only"), default=False)
    started_by = models.CharField(_("started by"), max_length=150)
    state = models.CharField(_("state"), max_length=12, choices=SweepState, default=SweepState.RUNNING)
    started_at = models.DateTimeField(_("started at"))
    finished_at = models.DateTimeField(_("finished at"), null=True)
    facilities_total = models.PositiveIntegerField(_("facilities to look at"), default=0)
    facilities_done = models.PositiveIntegerField(_("facilities looked at"), default=0)
    counts = models.JSONField(_("counts"), default=dict)
    """{rule: {"raised": int, "cleared": int, "escalated": int, "open": int}}"""
    failure = models.TextField(_("why it failed"), blank=True)

    objects = SweepRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("sweep")
        verbose_name_plural = _("sweeps")
        indexes = [models.Index(fields=["-started_at", "-id"], name="sweeps_newest_first")]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=SweepState.values), name="sweep_state_is_known"),
            models.CheckConstraint(
                condition=Q(state=SweepState.RUNNING, finished_at=None)
                | (~Q(state=SweepState.RUNNING) & Q(finished_at__isnull=False)),
                name="a_sweep_that_ended_is_dated",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.as_of} {self.get_state_display()}"
