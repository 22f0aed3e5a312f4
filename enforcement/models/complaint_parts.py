"""What belongs to a complaint: who made it, apart from everything else; what was said since; photos and papers."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from enforcement.models.complaint import Complaint
from enforcement.querysets import ComplaintContactQuerySet, OfComplaintQuerySet
from enforcement.states import ComplaintMessageKind
from registry.files.models import StoredFile

STAYS = pgtrigger.Update | pgtrigger.Delete


class ComplaintContact(models.Model):
    """How to reach whoever complained. Read by the officer who handles the complaint, and each time on record."""

    complaint = models.OneToOneField(Complaint, models.PROTECT, primary_key=True, related_name="contact")
    phone = models.CharField(_("telephone"), max_length=40, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)

    objects = ComplaintContactQuerySet.as_manager()

    class Meta:
        verbose_name = _("contact of a complainant")
        verbose_name_plural = _("contacts of complainants")
        constraints = [models.CheckConstraint(condition=~Q(phone="", email=""), name="a_contact_can_be_reached")]
        triggers = [pgtrigger.Protect(name="contacts_stay_as_they_came", operation=STAYS)]

    def __str__(self) -> str:
        """Says nothing of the person: it may stand in a log."""
        return str(self.pk)


class ComplaintMessage(models.Model):
    """What was said about a complaint since it came in; never changed, never taken away."""

    complaint = models.ForeignKey(Complaint, models.PROTECT, related_name="messages")
    kind = models.CharField(_("kind"), max_length=11, choices=ComplaintMessageKind)
    text = models.TextField(_("text"))
    written_at = models.DateTimeField(_("written"))
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects = OfComplaintQuerySet.as_manager()

    class Meta:
        verbose_name = _("message about a complaint")
        verbose_name_plural = _("messages about complaints")
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=ComplaintMessageKind.values), name="complaint_message_kind_is_known"
            ),
            models.CheckConstraint(condition=~Q(text=""), name="a_complaint_message_says_something"),
            models.CheckConstraint(
                condition=Q(kind=ComplaintMessageKind.COMPLAINANT, written_by=None)
                | Q(~Q(kind=ComplaintMessageKind.COMPLAINANT), written_by__isnull=False),
                name="complainants_have_no_account",
            ),
        ]
        triggers = [pgtrigger.Protect(name="complaint_messages_stay", operation=STAYS)]

    def __str__(self) -> str:
        return self.get_kind_display()


class ComplaintFile(models.Model):
    """A photo or paper that came with a complaint."""

    complaint = models.ForeignKey(Complaint, models.PROTECT, related_name="files")
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")

    objects = OfComplaintQuerySet.as_manager()

    class Meta:
        verbose_name = _("file of a complaint")
        verbose_name_plural = _("files of complaints")
        constraints = [models.UniqueConstraint(fields=["complaint", "file"], name="a_complaint_has_a_file_once")]
        triggers = [pgtrigger.Protect(name="complaint_files_stay", operation=STAYS)]

    def __str__(self) -> str:
        return str(self.file)
