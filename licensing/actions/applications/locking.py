"""The row of an application, held until the transaction ends."""

from datetime import datetime

from licensing.models import Application
from licensing.policies.applications import check_is_as_seen

JOINED = ("type", "terms", "operator", "facility__type", "facility__operator", "concerns", "reviewer", "visit")


def lock(application: Application, seen: str | None = None) -> Application:
    """The application as it is now, and nobody else changes it in the meantime.

    Raises Refused where it is another than the one that was `seen` (`Application.token`); None asks nothing.
    """
    rows = Application.objects.select_related(*JOINED).select_for_update(of=("self",), no_key=True)
    locked: Application = rows.get(pk=application.pk)
    if seen is not None:
        check_is_as_seen(locked, seen)
    return locked


def save(application: Application, *fields: str, at: datetime) -> None:
    """Write these fields and the moment; the database may raise the revision."""
    application.changed_at = at
    application.save(update_fields=[*fields, "changed_at"])
    application.refresh_from_db(fields=["revision", "state"])
