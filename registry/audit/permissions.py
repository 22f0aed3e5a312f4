from typing import Any

from django.utils.translation import gettext as _

from registry.core.errors import NotPermitted


def check_may_read_history(user: Any) -> None:
    """The whole history is for those who audit and administer."""
    if user.role not in ("auditor", "administrator"):
        raise NotPermitted(_("Only auditors and administrators read the history."), code="history_not_permitted")
