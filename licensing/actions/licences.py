"""Everything that can happen to a licence."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from licensing import permissions, policies
from licensing.actions import letters
from licensing.models import Licence, LicenceType
from licensing.states import LicenceState
from registry.accounts.models import User
from registry.audit.actions import record as record_event
from registry.core.errors import Refused
from registry.models import Facility


@transaction.atomic
def record(
    *,
    facility: Facility,
    type: LicenceType,
    number: str,
    valid_from: date,
    valid_until: date,
    by: User,
    at: datetime,
) -> Licence:
    """A licence waits for approval; it is not in force yet.

    Raises NotPermitted, or Refused where the type, the period or another licence forbids it or the number is taken.
    """
    permissions.check_may_record(by)
    facility = _lock_facility(facility.pk)
    policies.check_can_record(facility=facility, type=type, valid_from=valid_from, valid_until=valid_until)
    licence = Licence(
        facility=facility,
        type=type,
        number=number,
        valid_from=valid_from,
        valid_until=valid_until,
        recorded_by=by,
        recorded_at=at,
    )
    _save(licence)
    record_event(verb="licence.recorded", subject=licence, by=by, at=at, facts=_facts(licence))
    return licence


@transaction.atomic
def approve(*, licence: Licence, by: User, at: datetime) -> Licence:
    """The licence is issued: in force from its first to its last day.

    Raises NotPermitted, for the recorder too, or Refused where it no longer waits or another licence is in force.
    """
    licence = _lock(licence)
    permissions.check_may_decide(by, licence)
    policies.check_can_approve(licence)
    licence.state = LicenceState.ISSUED
    licence.decided_by, licence.decided_at = by, at
    _save(licence)
    record_event(verb="licence.approved", subject=licence, by=by, at=at, facts=_facts(licence))
    letters.decided(licence, at=at)
    return licence


@transaction.atomic
def reject(*, licence: Licence, reason: str, by: User, at: datetime) -> Licence:
    """The licence never comes into force. Raises NotPermitted, for the recorder too, or Refused."""
    licence = _lock(licence)
    permissions.check_may_decide(by, licence)
    policies.check_can_reject(licence, reason=reason)
    licence.state = LicenceState.REJECTED
    licence.decided_by, licence.decided_at, licence.reason = by, at, reason
    _save(licence)
    record_event(verb="licence.rejected", subject=licence, by=by, at=at, reason=reason)
    letters.decided(licence, at=at)
    return licence


@transaction.atomic
def revoke(*, licence: Licence, ended_on: date, reason: str, by: User, at: datetime) -> Licence:
    """The licence is taken away; `ended_on` is the first day without it. Raises NotPermitted or Refused."""
    licence = _lock(licence)
    permissions.check_may_end(by)
    policies.check_can_revoke(licence, ended_on=ended_on, reason=reason, decided_on=timezone.localdate(at))
    return _end(licence, LicenceState.REVOKED, ended_on=ended_on, reason=reason, by=by, at=at)


@transaction.atomic
def surrender(*, licence: Licence, ended_on: date, reason: str, by: User, at: datetime) -> Licence:
    """The licence was given back; `ended_on` is the first day without it. Raises NotPermitted or Refused."""
    licence = _lock(licence)
    permissions.check_may_end(by)
    policies.check_can_surrender(licence, ended_on=ended_on, reason=reason)
    return _end(licence, LicenceState.SURRENDERED, ended_on=ended_on, reason=reason, by=by, at=at)


def _end(licence: Licence, state: LicenceState, *, ended_on: date, reason: str, by: User, at: datetime) -> Licence:
    licence.state, licence.ended_on, licence.reason = state, ended_on, reason
    _save(licence)
    record_event(
        verb=f"licence.{state}", subject=licence, by=by, at=at, reason=reason, facts={"ended_on": str(ended_on)}
    )
    return licence


def _facts(licence: Licence) -> dict[str, str]:
    return {
        "type": licence.type.code,
        "valid_from": str(licence.valid_from),
        "valid_until": str(licence.valid_until),
    }


def _lock_facility(pk: int) -> Facility:
    """One decision at a time per facility: two at once would each wait for the other in the exclusion constraint."""
    return Facility.objects.select_for_update(of=("self",), no_key=True).select_related("type").get(pk=pk)


def _lock(licence: Licence) -> Licence:
    facility = _lock_facility(licence.facility_id)
    locked: Licence = Licence.objects.select_for_update(of=("self",)).select_related("type").get(pk=licence.pk)
    locked.facility = facility
    return locked


def _save(licence: Licence) -> None:
    with _constraints_in_words(licence):
        licence.save()
    licence.refresh_from_db(fields=["last_day"])


@contextmanager
def _constraints_in_words(licence: Licence) -> Iterator[None]:
    """What the database refuses is refused with the same sentence as what the policies see beforehand."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        other = policies.other_in_force(licence.facility, licence.valid_from, licence.valid_until)
        if "one_licence_in_force_per_facility" in str(error) and other is not None:
            raise policies.overlaps(other) from error
        if "licensing_licence_number" in str(error):
            raise Refused(
                _("Another licence has the number %(number)s.") % {"number": licence.number}, code="number_taken"
            ) from error
        raise
