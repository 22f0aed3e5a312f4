"""What the law allows with licences, whoever asks."""

from datetime import date, timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from licensing.models import Licence, LicenceTerms, LicenceType
from licensing.states import LICENCE_TRANSITIONS, ONCE_IN_FORCE, LicenceState
from registry.core.dates import add_months
from registry.core.errors import Refused
from registry.models import Facility


def check_can_record(*, facility: Facility, type: LicenceType, valid_from: date, valid_until: date) -> None:
    """The type is one for such a facility, the period is whole and not too long, and no other licence is in force."""
    if not type.facility_types.filter(pk=facility.type_id).exists():
        raise Refused(
            _("“%(licence_type)s” is not a licence for a facility of the type “%(facility_type)s”.")
            % {"licence_type": type, "facility_type": facility.type},
            code="type_does_not_fit",
        )
    if valid_until < valid_from:
        raise Refused(_("The licence ends before it begins."), code="period_is_not_whole")
    terms = terms_of(type, valid_from)
    latest = last_day_allowed(terms, valid_from)
    if valid_until > latest:
        raise Refused(
            _("A licence of this type is valid for %(months)s months at most: until %(day)s.")
            % {"months": terms.validity_months, "day": date_format(latest)},
            code="period_too_long",
        )
    other = other_in_force(facility, valid_from, valid_until)
    if other is not None:
        raise overlaps(other)


def check_can_approve(licence: Licence) -> None:
    check_can_become(licence, LicenceState.ISSUED)
    check_can_record(
        facility=licence.facility, type=licence.type, valid_from=licence.valid_from, valid_until=licence.valid_until
    )


def check_can_reject(licence: Licence, *, reason: str) -> None:
    check_can_become(licence, LicenceState.REJECTED)
    _check_reason(reason)


def check_can_revoke(licence: Licence, *, ended_on: date, reason: str, decided_on: date) -> None:
    """A revocation works from the day of the decision at the earliest; `ended_on` is the first day without."""
    check_can_become(licence, LicenceState.REVOKED)
    _check_reason(reason)
    _check_end(licence, ended_on)
    if ended_on < decided_on:
        raise Refused(_("A licence cannot be revoked for days that have passed."), code="revoked_in_the_past")


def check_can_surrender(licence: Licence, *, ended_on: date, reason: str) -> None:
    """A licence may have been given back before anybody takes note of it."""
    check_can_become(licence, LicenceState.SURRENDERED)
    _check_reason(reason)
    _check_end(licence, ended_on)


def check_can_become(licence: Licence, state: LicenceState) -> None:
    """The table of transitions knows this step."""
    if state not in LICENCE_TRANSITIONS[licence.state]:
        raise Refused(
            _("Licence %(number)s is in the state “%(state)s”, so this cannot be done.")
            % {"number": licence.number, "state": licence.get_state_display()},
            code="wrong_state",
        )


def terms_of(type: LicenceType, on: date) -> LicenceTerms:
    """What holds for the type on that day. Raises Refused where nothing does yet."""
    terms: LicenceTerms | None = LicenceTerms.objects.in_force(on).filter(type=type).first()
    if terms is None:
        raise Refused(
            _("No terms are set for “%(licence_type)s” on %(day)s. An administrator sets them.")
            % {"licence_type": type, "day": date_format(on)},
            code="no_terms",
        )
    return terms


def last_day_allowed(terms: LicenceTerms, valid_from: date) -> date:
    """The last day of the longest licence under these terms that begins on `valid_from`, both included."""
    return add_months(valid_from, terms.validity_months) - timedelta(days=1)


def other_in_force(facility: Facility, first: date, last: date) -> Licence | None:
    """A licence of the facility that is or was in force on a day from `first` to `last`, both included."""
    licences: Licence | None = (
        facility.licences.filter(state__in=ONCE_IN_FORCE, valid_from__lte=last, last_day__gte=first)
        .order_by("valid_from")
        .first()
    )
    return licences


def overlaps(other: Licence) -> Refused:
    return Refused(
        _("Licence %(number)s of this facility is in force from %(first)s to %(last)s. Two licences must not overlap.")
        % {
            "number": other.number,
            "first": date_format(other.valid_from),
            "last": date_format(other.last_day),
        },
        code="licences_overlap",
    )


def _check_reason(reason: str) -> None:
    if not reason.strip():
        raise Refused(_("Say why."), code="no_reason")


def _check_end(licence: Licence, ended_on: date) -> None:
    if not licence.valid_from <= ended_on <= licence.valid_until:
        raise Refused(
            _("The first day without the licence lies between %(first)s and %(last)s.")
            % {"first": date_format(licence.valid_from), "last": date_format(licence.valid_until)},
            code="end_outside_the_period",
        )
