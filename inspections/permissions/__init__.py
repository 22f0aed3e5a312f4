"""Who may do what on this floor."""

from inspections.permissions.corrective_actions import (
    check_may_enter_evidence,
    check_may_judge_evidence,
    check_may_manage_actions,
)
from inspections.permissions.evidence import (
    check_may_amend,
    check_may_sign_as,
)
from inspections.permissions.planning import (
    ASKERS,
    PLANNERS,
    check_is_in_team,
    check_may_assign,
    check_may_bring,
    check_may_plan,
)
from inspections.permissions.requests import check_may_request
from inspections.permissions.rulebooks import (
    check_may_describe,
    check_may_draft,
    check_may_keep_rulebooks,
    check_may_publish,
)
from inspections.permissions.training import check_may_keep_courses, check_may_record_training
from inspections.permissions.visits import (
    DECIDERS,
    check_may_answer,
    check_may_cancel,
    check_may_decide,
    check_may_lead,
    check_may_work_on,
    owners_of_sections,
)

__all__ = [
    "ASKERS",
    "DECIDERS",
    "PLANNERS",
    "check_is_in_team",
    "check_may_amend",
    "check_may_answer",
    "check_may_assign",
    "check_may_bring",
    "check_may_cancel",
    "check_may_decide",
    "check_may_describe",
    "check_may_draft",
    "check_may_enter_evidence",
    "check_may_judge_evidence",
    "check_may_keep_courses",
    "check_may_keep_rulebooks",
    "check_may_lead",
    "check_may_manage_actions",
    "check_may_plan",
    "check_may_publish",
    "check_may_record_training",
    "check_may_request",
    "check_may_sign_as",
    "check_may_work_on",
    "owners_of_sections",
]
