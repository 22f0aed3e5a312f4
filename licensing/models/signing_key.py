from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from licensing.querysets import SigningKeyQuerySet
from registry.core.history import keep_history


@keep_history()
class SigningKey(models.Model):
    """The public half of a key that signs certificates, and its life; the private half is never in the database.

    A retired key signs nothing more and still verifies. A revoked key verifies nothing, not even what it signed before.
    """

    number = models.CharField(_("key"), max_length=16, unique=True)
    public_key = models.BinaryField(max_length=32)
    valid_from = models.DateTimeField(_("signs from"))
    retired_at = models.DateTimeField(_("retired at"), null=True)
    revoked_at = models.DateTimeField(_("revoked at"), null=True)
    reason = models.TextField(_("reason"), blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")

    objects = SigningKeyQuerySet.as_manager()

    class Meta:
        verbose_name = _("signing key")
        verbose_name_plural = _("signing keys")
        constraints = [
            models.CheckConstraint(
                condition=Q(number__regex=r"^[0-9a-f]{16}$"), name="key_number_is_sixteen_hex_digits"
            ),
            models.CheckConstraint(
                condition=Q(revoked_at=None) | (Q(retired_at__isnull=False) & ~Q(reason="")),
                name="a_revoked_key_is_retired_for_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(retired_at=None) | Q(retired_at__gte=F("created_at")), name="key_retires_after_it_was_made"
            ),
        ]

    def __str__(self) -> str:
        return self.number
