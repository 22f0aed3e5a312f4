from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    INSPECTOR = "inspector", _("Inspector")
    PROVINCIAL_MANAGER = "provincial_manager", _("Provincial manager")
    LICENSING_OFFICER = "licensing_officer", _("Licensing officer")
    APPROVER = "approver", _("Approver")
    ENFORCEMENT_OFFICER = "enforcement_officer", _("Enforcement officer")
    AUDITOR = "auditor", _("Auditor")
    ADMINISTRATOR = "administrator", _("Administrator")


PROVINCIAL_ROLES = (Role.INSPECTOR, Role.PROVINCIAL_MANAGER)
"""These see their own province only; all other roles see the country."""
