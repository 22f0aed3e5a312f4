"""Who may do what on this floor."""

from licensing.permissions.keys import check_may_keep_keys
from licensing.permissions.licences import (
    check_may_decide,
    check_may_find_met,
    check_may_impose,
    check_may_record,
)

__all__ = [
    "check_may_decide",
    "check_may_find_met",
    "check_may_impose",
    "check_may_keep_keys",
    "check_may_record",
]
