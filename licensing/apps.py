from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import Error, register
from django.utils.translation import gettext_lazy as _


class LicensingConfig(AppConfig):
    name = "licensing"
    verbose_name = _("Licensing")

    def ready(self) -> None:
        register(payee_fits_the_code)


def payee_fits_the_code(**_: Any) -> list[Error]:
    """Said at the start, not when somebody wants to pay."""
    from licensing.rules.khqr import Payee

    try:
        if settings.PAYEE["account"]:
            Payee(**settings.PAYEE)
    except ValueError as error:
        return [Error(f"The settings PAYEE_… do not fit a KHQR code: {error}.", id="licensing.E001")]
    return []
