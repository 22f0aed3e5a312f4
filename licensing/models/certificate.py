from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from licensing.models.licence import Licence
from licensing.models.signing_key import SigningKey
from licensing.querysets import CertificateQuerySet


class Certificate(models.Model):
    """A signed statement of what one licence permits, as it was on the day of issue; never changed.

    The newest certificate of a licence replaces those before it.
    """

    serial = models.CharField(_("serial number"), max_length=12, unique=True)
    licence = models.ForeignKey(Licence, models.PROTECT, related_name="certificates", verbose_name=_("licence"))
    key = models.ForeignKey(SigningKey, models.PROTECT, related_name="certificates", verbose_name=_("signing key"))
    message = models.BinaryField(max_length=2000)
    issued_at = models.DateTimeField(_("issued at"))
    issued_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")

    objects = CertificateQuerySet.as_manager()

    class Meta:
        verbose_name = _("certificate")
        verbose_name_plural = _("certificates")
        indexes = [models.Index(fields=["licence", "-id"], name="certificates_newest_first")]
        constraints = [
            models.CheckConstraint(
                condition=Q(serial__regex="^[0-9A-HJKMNP-TV-Z]{12}$"), name="serial_is_twelve_crockford_digits"
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """The serial number as people read and type it."""
        return "-".join(self.serial[at : at + 4] for at in (0, 4, 8))

    @property
    def facility(self) -> object:
        return self.licence.facility
