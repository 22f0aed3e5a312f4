import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from registry.querysets import ImportJobQuerySet
from registry.states import ImportState


class ImportJob(models.Model):
    """One file that somebody wants in the register: its rows are staged, checked, then loaded or handed back."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(_("kind"), max_length=20)
    file_name = models.CharField(_("file"), max_length=255)
    file = models.FileField(upload_to="imports/%Y/%m/", blank=True)
    mapping = models.TextField(_("mapping"))
    dry_run = models.BooleanField(_("check only"), default=False)
    accept_valid = models.BooleanField(_("load the good rows, hand back the rest"), default=False)
    is_complete = models.BooleanField(_("the file is the whole register"), default=False)
    state = models.CharField(_("state"), max_length=10, choices=ImportState, default=ImportState.STAGED)
    rows = models.PositiveIntegerField(_("rows"), default=0)
    rows_done = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(_("created"), default=0)
    updated = models.PositiveIntegerField(_("updated"), default=0)
    unchanged = models.PositiveIntegerField(_("unchanged"), default=0)
    refused = models.PositiveIntegerField(_("refused"), default=0)
    duplicates = models.PositiveIntegerField(_("possible duplicates"), default=0)
    withdrawn = models.PositiveIntegerField(_("no longer in the file"), default=0)
    failure = models.TextField(_("why the whole file was refused"), blank=True)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    requested_at = models.DateTimeField(_("requested at"))
    finished_at = models.DateTimeField(_("finished at"), null=True)

    objects = ImportJobQuerySet.as_manager()

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ImportState.values), name="import_state_is_known"),
        ]

    def __str__(self) -> str:
        return self.file_name


class ImportRow(models.Model):
    """One row of an imported file that needs somebody's eyes: refused, or perhaps a duplicate."""

    job = models.ForeignKey(ImportJob, models.CASCADE, related_name="noted_rows")
    row_number = models.PositiveIntegerField(_("row"))
    values = models.JSONField()
    errors = models.JSONField(default=list)
    """[{"column": str, "code": str, "sentence": str}]"""
    duplicates = models.JSONField(default=list)
    """[{"number": str, "label": str}] of facilities that may be the same."""

    class Meta:
        verbose_name = _("row of an import")
        verbose_name_plural = _("rows of imports")
        constraints = [
            models.UniqueConstraint(fields=["job", "row_number"], name="a_row_is_noted_once"),
        ]

    def __str__(self) -> str:
        return f"{self.job_id} {self.row_number}"
