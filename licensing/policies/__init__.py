"""What the law allows on this floor, whoever asks."""

from licensing.policies.certificates import CERTIFIABLE, check_can_certify
from licensing.policies.conditions import check_can_bear_conditions, check_can_close, check_can_impose, check_is_open
from licensing.policies.grants import (
    STEPS,
    check_can_reinstate,
    check_can_reject,
    check_can_revoke,
    check_can_surrender,
    check_can_suspend,
    check_can_take,
    check_has_no_interest,
    other_in_force,
)
from licensing.policies.licences import (
    check_can_approve,
    check_can_record,
    check_is_no_series_number,
    last_day_allowed,
    overlaps,
    terms_of,
)
from licensing.policies.service_authorisations import (
    authorised_already,
    check_can_approve_authorisation,
    check_can_authorise,
    licence_in_force,
)

__all__ = [
    "CERTIFIABLE",
    "STEPS",
    "authorised_already",
    "check_can_approve",
    "check_can_approve_authorisation",
    "check_can_authorise",
    "check_can_bear_conditions",
    "check_can_certify",
    "check_can_close",
    "check_can_impose",
    "check_can_record",
    "check_can_reinstate",
    "check_can_reject",
    "check_can_revoke",
    "check_can_surrender",
    "check_can_suspend",
    "check_can_take",
    "check_has_no_interest",
    "check_is_no_series_number",
    "check_is_open",
    "last_day_allowed",
    "licence_in_force",
    "other_in_force",
    "overlaps",
    "terms_of",
]
