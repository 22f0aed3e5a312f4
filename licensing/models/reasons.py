from django.db import models
from django.utils.translation import gettext_lazy as _

from licensing.querysets import WithdrawableQuerySet
from registry.models.catalogue import Catalogue


class Withdrawable(Catalogue):
    """An entry that is offered until the day on which it is withdrawn; what was said by it stays."""

    withdrawn_on = models.DateField(_("withdrawn on"), null=True, blank=True)

    objects = WithdrawableQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        abstract = True


class RefusalReason(Withdrawable):
    """A ground in law on which an application may be refused."""

    clause = models.CharField(_("rests on"), max_length=300)

    class Meta:
        verbose_name = _("reason for refusal")
        verbose_name_plural = _("reasons for refusal")


class AdviceBody(Withdrawable):
    """A department or professional council whose advice is asked for."""

    class Meta:
        verbose_name = _("adviser")
        verbose_name_plural = _("advisers")
