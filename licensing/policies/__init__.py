"""What the law allows on this floor, whoever asks."""

from licensing.policies.certificates import CERTIFIABLE, check_can_certify
from licensing.policies.licences import (
    check_can_approve,
    check_can_become,
    check_can_record,
    check_can_reject,
    check_can_revoke,
    check_can_surrender,
    last_day_allowed,
    other_in_force,
    overlaps,
    terms_of,
)

__all__ = [
    "CERTIFIABLE",
    "check_can_approve",
    "check_can_become",
    "check_can_certify",
    "check_can_record",
    "check_can_reject",
    "check_can_revoke",
    "check_can_surrender",
    "last_day_allowed",
    "other_in_force",
    "overlaps",
    "terms_of",
]
