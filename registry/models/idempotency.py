from django.db import models
from django.utils.translation import gettext_lazy as _


class AnsweredRequest(models.Model):
    """What the API answered to a request with an idempotency key, so that the same request has the same answer."""

    user = models.ForeignKey("accounts.User", models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    method = models.CharField(max_length=8)
    path = models.CharField(max_length=300)
    body_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    """None while the first request is being answered."""
    answer = models.TextField(blank=True, default="")
    """Its body to the letter."""
    asked_at = models.DateTimeField()

    class Meta:
        verbose_name = _("answered request")
        verbose_name_plural = _("answered requests")
        indexes = [models.Index(fields=["asked_at"], name="answered_requests_by_age")]
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="a_key_is_used_once_per_user")]

    def __str__(self) -> str:
        return self.key
