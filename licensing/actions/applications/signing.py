"""Somebody answers for a part of an application as it now is."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from licensing.models import Application, ApplicationSignature
from licensing.permissions.applications import check_may_sign
from licensing.states import Part
from registry.accounts.models import User
from registry.core.errors import Refused


def sign(application: Application, part: Part, *, note: str = "", by: User, at: datetime) -> ApplicationSignature:
    """For the actions that move the application on, in their transaction and with the row locked.

    Raises NotPermitted, or Refused where only the database could see that this person must not.
    """
    check_may_sign(by, application, part)
    try:
        with transaction.atomic():
            return ApplicationSignature.objects.create(
                application=application, part=part, revision=application.revision, person=by, signed_at=at, note=note
            )
    except IntegrityError as error:
        raise Refused(
            _("You cannot sign this application: reload the page and look what changed."), code="cannot_sign"
        ) from error
