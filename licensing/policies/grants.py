"""What the law allows with a licence and with an authorisation for a service alike."""

from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from licensing.models import Grant
from licensing.states import ONCE_IN_FORCE, LicenceState
from registry.core.errors import Refused
from registry.models import Facility, Interest

STEPS: dict[str, tuple[LicenceState, ...]] = {
    "approve": (LicenceState.RECORDED,),
    "reject": (LicenceState.RECORDED,),
    "suspend": (LicenceState.ISSUED,),
    "reinstate": (LicenceState.SUSPENDED,),
    "revoke": (LicenceState.ISSUED, LicenceState.SUSPENDED),
    "surrender": (LicenceState.ISSUED, LicenceState.SUSPENDED),
}
"""From which states each step of a person leads on; the table of transitions is the same, told by states."""


def check_can_take(step: str, grant: Grant) -> None:
    """The state allows the step; what else the law asks is asked with the days and the reasons at hand."""
    if grant.state not in STEPS[step]:
        raise Refused(
            _("%(number)s is in the state “%(state)s”, so this cannot be done.")
            % {"number": grant.number, "state": grant.get_state_display()},
            code="wrong_state",
        )


def check_can_reject(grant: Grant, *, reason: str) -> None:
    check_can_take("reject", grant)
    check_says_why(reason)


def check_can_suspend(
    grant: Grant, *, grounds: str, notice_on: date, from_on: date, review_on: date | None, decided_on: date
) -> None:
    """A suspension has grounds, was announced, begins today at the earliest and on a day of the period."""
    check_can_take("suspend", grant)
    check_says_why(grounds)
    _check_notice(notice_on, before=from_on, decided_on=decided_on)
    if from_on < decided_on:
        raise Refused(_("Nothing is suspended for days that have passed."), code="suspended_in_the_past")
    if not grant.valid_from <= from_on <= grant.valid_until:
        raise Refused(
            _("The first day of the suspension lies between %(first)s and %(last)s.") % _period(grant),
            code="suspension_outside_the_period",
        )
    if review_on is not None and review_on <= from_on:
        raise Refused(_("It is looked at again after its first day."), code="review_before_suspension")


def check_can_reinstate(grant: Grant, *, reason: str, decided_on: date) -> None:
    """What has run out is not brought back: it is renewed."""
    check_can_take("reinstate", grant)
    check_says_why(reason)
    if grant.valid_until < decided_on:
        raise Refused(
            _("%(number)s ran out on %(last)s.") % (_period(grant) | {"number": grant.number}), code="has_run_out"
        )


def check_can_revoke(grant: Grant, *, ended_on: date, notice_on: date, reason: str, decided_on: date) -> None:
    """A revocation works from the day of the decision at the earliest; `ended_on` is the first day without."""
    check_can_take("revoke", grant)
    check_says_why(reason)
    _check_end(grant, ended_on)
    _check_notice(notice_on, before=ended_on, decided_on=decided_on)
    if ended_on < decided_on:
        raise Refused(_("Nothing is revoked for days that have passed."), code="revoked_in_the_past")


def check_can_surrender(
    grant: Grant, *, ended_on: date, notice_on: date | None = None, reason: str, decided_on: date
) -> None:
    """It may have been given back before anybody takes note of it; `notice_on` is when the holder said so."""
    check_can_take("surrender", grant)
    check_says_why(reason)
    _check_end(grant, ended_on)
    if notice_on is not None:
        _check_notice(notice_on, before=ended_on, decided_on=decided_on)


def check_has_no_interest(person: Any, facility: Facility, on: date) -> None:
    """Who has an interest in the facility, or in who operates it, does not decide there."""
    if Interest.objects.in_force(on).in_facility(facility).filter(person=person).exists():
        raise Refused(
            _("You have declared an interest in this facility: somebody else decides."), code="has_an_interest"
        )


def check_says_why(reason: str) -> None:
    if not reason.strip():
        raise Refused(_("Say why."), code="no_reason")


def check_period_is_whole(valid_from: date, valid_until: date) -> None:
    if valid_until < valid_from:
        raise Refused(_("The last day lies before the first."), code="period_is_not_whole")


def other_in_force(grants: Any, first: date, last: date) -> Any:
    """Of these licences, or authorisations, one that is or was in force on a day from `first` to `last`."""
    in_force = grants.filter(state__in=ONCE_IN_FORCE, valid_from__lte=last, last_day__gte=first)
    return in_force.order_by("valid_from").first()


def _check_end(grant: Grant, ended_on: date) -> None:
    if not grant.valid_from <= ended_on <= grant.valid_until:
        raise Refused(
            _("The first day without it lies between %(first)s and %(last)s.") % _period(grant),
            code="end_outside_the_period",
        )


def _check_notice(notice_on: date, *, before: date, decided_on: date) -> None:
    if notice_on > min(before, decided_on):
        raise Refused(
            _("Notice is given before, and no later than on the day of the decision."), code="no_notice_before"
        )


def _period(grant: Grant) -> dict[str, str]:
    return {"first": date_format(grant.valid_from), "last": date_format(grant.valid_until)}
