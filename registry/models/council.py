from django.utils.translation import gettext_lazy as _

from registry.models.catalogue import Catalogue


class Council(Catalogue):
    """The professional body that registers practitioners of a kind and says until when they may practise."""

    class Meta:
        verbose_name = _("council")
        verbose_name_plural = _("councils")
