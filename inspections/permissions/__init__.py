"""Who may do what on this floor."""

from inspections.permissions.rulebooks import check_may_draft, check_may_keep_rulebooks, check_may_publish
from inspections.permissions.visits import (
    DECIDERS,
    PLANNERS,
    check_may_cancel,
    check_may_decide,
    check_may_plan,
    check_may_work_on,
)

__all__ = [
    "DECIDERS",
    "PLANNERS",
    "check_may_cancel",
    "check_may_decide",
    "check_may_draft",
    "check_may_keep_rulebooks",
    "check_may_plan",
    "check_may_publish",
    "check_may_work_on",
]
