from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from inspections.models.frozen import kept_once_handed_in
from inspections.models.visit import Visit
from inspections.states import SignerKind
from registry.core.history import keep_history
from registry.files.models import StoredFile


@keep_history()
class VisitSignature(models.Model):
    """A signature under a visit as it then stood, or the statement that it was refused."""

    visit = models.ForeignKey(Visit, models.CASCADE, related_name="signatures")
    kind = models.CharField(_("who signs"), max_length=11, choices=SignerKind)
    person = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    name = models.CharField(_("name"), max_length=200)
    position = models.CharField(_("position"), max_length=200, blank=True)
    image = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+")
    refused_because = models.TextField(_("why the signature was refused"), blank=True)
    content_hash = models.CharField(max_length=64)
    """Fingerprint of what was signed; a signature under other content does not count."""
    signed_at = models.DateTimeField(_("signed at"))

    class Meta:
        verbose_name = _("signature")
        verbose_name_plural = _("signatures")
        constraints = [
            models.UniqueConstraint(
                fields=["visit"], condition=Q(kind=SignerKind.RESPONSIBLE), name="the_responsible_person_signs_once"
            ),
            models.UniqueConstraint(
                fields=["visit", "person"], condition=Q(kind=SignerKind.INSPECTOR), name="an_inspector_signs_once"
            ),
            models.CheckConstraint(
                condition=Q(kind=SignerKind.RESPONSIBLE, person=None)
                | Q(kind=SignerKind.INSPECTOR, person__isnull=False),
                name="inspectors_sign_as_themselves",
            ),
            models.CheckConstraint(
                condition=Q(image__isnull=False, refused_because="") | (Q(image=None) & ~Q(refused_because="")),
                name="signed_or_refused_with_a_reason",
            ),
        ]
        triggers = [kept_once_handed_in("signatures")]

    def __str__(self) -> str:
        return self.name
