from django.contrib.postgres.fields import ArrayField
from django.db import models

from inspections.states import BandCode
from registry.models import Facility


class ComplianceClock(models.Model):
    """The dates and states of one facility that the rules read, and the first day on which an answer can change.

    Database triggers on the tables below set `next_change_on` to -infinity ("dirty") whenever one of these facts
    changes; only the sweep writes the rest. A row of its own, so that a sweep never touches the facility's indexes.
    """

    facility = models.OneToOneField(Facility, models.CASCADE, primary_key=True, related_name="clock")
    operating = models.BooleanField(default=False)
    licence_needed = models.BooleanField(default=False)
    operating_since = models.DateField(null=True)
    last_visit_on = models.DateField(null=True)
    inspection_due_on = models.DateField(null=True)
    band = models.CharField(max_length=30, choices=BandCode, blank=True)
    licensed_until = models.DateField(null=True)
    licence_ended_early = models.BooleanField(default=False)
    correction_due_on = models.DateField(null=True)
    refused_visits = models.PositiveSmallIntegerField(default=0, db_default=0)
    third_refusal_on = models.DateField(null=True)
    closure_proposed = models.BooleanField(default=False, db_default=False)
    unauthorised_services = ArrayField(models.CharField(max_length=40), null=True)
    """Codes of services that are offered, need an authorisation and have none in force; None for no service."""
    unauthorised_since = models.DateField(null=True)
    condition_due_on = models.DateField(null=True)
    mask = models.IntegerField(default=0)
    next_change_on = models.DateField(null=True)

    class Meta:
        indexes = [models.Index(fields=["next_change_on"], name="clock_by_next_change")]

    def __str__(self) -> str:
        return str(self.facility_id)
