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
    OPERATOR = "operator", _("Operator")


PROVINCIAL_ROLES = (Role.INSPECTOR, Role.PROVINCIAL_MANAGER)
"""These see their own province only; the other roles of the staff see the country."""

STAFF_ROLES = tuple(role for role in Role if role != Role.OPERATOR)
"""People of the ministry and the provinces. An operator is a licensee: it sees its own affairs and nothing else."""

EVENTS = {
    "api_token.created": _("API token created"),
    "api_token.revoked": _("API token revoked"),
    "user.changed": _("Account changed"),
    "user.closed": _("Account closed"),
    "user.created": _("Account opened"),
    "user.password_renewed": _("Password renewed"),
    "user.reopened": _("Account opened again"),
}
"""What the events of this room are called."""
