from django.db import models
from django.utils.translation import gettext_lazy as _

from registry.models.catalogue import Catalogue


class RefusalReason(Catalogue):
    """A ground in law on which an application may be refused."""

    clause = models.CharField(_("rests on"), max_length=300)
    withdrawn_on = models.DateField(_("withdrawn on"), null=True, blank=True)

    class Meta:
        verbose_name = _("reason for refusal")
        verbose_name_plural = _("reasons for refusal")


class AdviceBody(Catalogue):
    """A department or professional council whose advice is asked for."""

    class Meta:
        verbose_name = _("adviser")
        verbose_name_plural = _("advisers")
