"""What the law allows with licences, whoever asks."""

from datetime import date, timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from licensing.models import Licence, LicenceTerms, LicenceType
from licensing.policies.grants import check_can_take, check_period_is_whole, other_in_force
from licensing.rules.numbers import is_of_a_series
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
    check_period_is_whole(valid_from, valid_until)
    check_is_not_too_long(type, valid_from, valid_until)
    other = other_in_force(facility.licences, valid_from, valid_until)
    if other is not None:
        raise overlaps(other)


def check_can_approve(licence: Licence) -> None:
    check_can_take("approve", licence)
    check_can_record(
        facility=licence.facility, type=licence.type, valid_from=licence.valid_from, valid_until=licence.valid_until
    )


def check_is_no_series_number(number: str) -> None:
    """What is typed from paper is never taken for a number that the register gave, nor takes one beforehand."""
    if is_of_a_series(number):
        raise Refused(
            _("Numbers like %(number)s are given by the register itself. Type the number that stands on the paper.")
            % {"number": number},
            code="number_of_a_series",
        )


def check_is_not_too_long(type: LicenceType, valid_from: date, valid_until: date) -> None:
    terms = terms_of(type, valid_from)
    latest = last_day_allowed(terms, valid_from)
    if valid_until > latest:
        raise Refused(
            _("A licence of this type is valid for %(months)s months at most: until %(day)s.")
            % {"months": terms.validity_months, "day": date_format(latest)},
            code="period_too_long",
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


def overlaps(other: Licence) -> Refused:
    return Refused(
        _("Licence %(number)s of this facility is in force from %(first)s to %(last)s. Two licences must not overlap.")
        % {"number": other.number, "first": date_format(other.valid_from), "last": date_format(other.last_day)},
        code="licences_overlap",
    )
