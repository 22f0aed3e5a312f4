from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models.functions import Now

from registry.audit.querysets import AuditEventQuerySet


class AuditEvent(models.Model):
    """One thing that somebody did, written once and never changed; it outlives what it speaks of."""

    verb = models.CharField(max_length=60, db_index=True)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now())
    subject_kind = models.CharField(max_length=60)
    subject_number = models.CharField(max_length=80)
    subject_label = models.CharField(max_length=300)
    facility_number = models.CharField(max_length=20, blank=True)
    by_username = models.CharField(max_length=150, blank=True)
    by_role = models.CharField(max_length=40, blank=True)
    reason = models.TextField(blank=True)
    facts = models.JSONField(default=dict)
    request_id = models.CharField(max_length=64, blank=True)

    objects = AuditEventQuerySet.as_manager()

    class Meta:
        db_table = "audit_event"
        indexes = [
            models.Index(fields=["-occurred_at", "-id"], name="audit_newest_first"),
            models.Index(fields=["facility_number", "-occurred_at"], name="audit_of_one_facility"),
            models.Index(fields=["subject_kind", "subject_number"], name="audit_of_one_subject"),
            BrinIndex(fields=["recorded_at"], name="audit_recorded_brin"),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.subject_number}"
