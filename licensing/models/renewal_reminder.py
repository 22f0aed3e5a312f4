from django.db import models
from django.utils.translation import gettext_lazy as _

from licensing.models.licence import Licence
from licensing.querysets import RenewalReminderQuerySet


class RenewalReminder(models.Model):
    """A night on which a licensee was reminded to renew, so many days before the licence ends (or, with a minus, after
    it ended)."""

    licence = models.ForeignKey(
        Licence, models.PROTECT, db_index=False, related_name="reminders", verbose_name=_("licence")
    )
    days = models.SmallIntegerField(_("days before the expiry"))
    night = models.DateField(_("night"), db_index=True)

    objects = RenewalReminderQuerySet.as_manager()

    class Meta:
        verbose_name = _("reminder to renew")
        verbose_name_plural = _("reminders to renew")
        constraints = [
            models.UniqueConstraint(fields=["licence", "days"], name="nobody_is_reminded_of_the_same_twice"),
        ]

    def __str__(self) -> str:
        return f"{self.licence} {self.days}"
