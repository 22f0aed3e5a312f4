"""How licences come to be; what happens to them afterwards is in `grants`."""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from licensing import permissions, policies
from licensing.actions import certificates, grants, letters
from licensing.actions.numbers import next_number, prefix_of
from licensing.models import Application, Licence, LicenceType
from licensing.states import LicenceState
from registry.accounts.models import User
from registry.audit.actions import record as record_event
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
    """A licence on paper waits for approval; it is not in force yet.

    Raises NotPermitted, or Refused where the type, the period or another licence forbids it, the number is taken or
    one that only the register gives, or `by` has an interest in the facility.
    """
    permissions.check_may_record(by)
    facility = grants.lock_facility(facility.pk)
    policies.check_has_no_interest(by, facility, timezone.localdate(at))
    policies.check_is_no_series_number(number)
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
    grants.save(licence)
    record_event(verb="licence.recorded", subject=licence, by=by, at=at, facts=grants.facts(licence))
    return licence


@transaction.atomic
def approve(*, licence: Licence, by: User, at: datetime) -> Licence:
    """The licence is issued, with a certificate: in force from its first to its last day.

    Raises NotPermitted, for the recorder too, or Refused where it no longer waits, another licence is in force or
    nothing can sign the certificate.
    """
    licence = grants.lock(licence)
    grants.check_decides(licence, by=by, at=at)
    policies.check_can_approve(licence)
    licence.state = LicenceState.ISSUED
    licence.decided_by, licence.decided_at = by, at
    grants.save(licence)
    record_event(verb="licence.approved", subject=licence, by=by, at=at, facts=grants.facts(licence))
    certificates.issue(licence=licence, by=by, at=at)
    letters.decided(licence, at=at)
    return licence


@transaction.atomic
def issue(
    *,
    application: Application,
    facility: Facility,
    type: LicenceType,
    valid_from: date,
    valid_until: date,
    recorded_by: User,
    by: User,
    at: datetime,
) -> Licence:
    """The licence that an application is granted, with the next number of its authority.

    For the grant of an application, in its transaction: it asks who may and makes the certificate. `recorded_by`
    prepared the decision and is somebody other than `by`. Raises Refused where type, period or another licence forbids.
    """
    facility = grants.lock_facility(facility.pk)
    policies.check_can_record(facility=facility, type=type, valid_from=valid_from, valid_until=valid_until)
    licence = Licence(
        facility=facility,
        type=type,
        number=next_number(prefix=prefix_of(type, facility), year=timezone.localdate(at).year),
        state=LicenceState.ISSUED,
        application=application,
        valid_from=valid_from,
        valid_until=valid_until,
        recorded_by=recorded_by,
        recorded_at=at,
        decided_by=by,
        decided_at=at,
    )
    grants.save(licence)
    facts = grants.facts(licence) | {"application": application.number}
    record_event(verb="licence.issued", subject=licence, by=by, at=at, facts=facts)
    return licence


def replace(*, licence: Licence, on: date, reason: str, by: User, at: datetime) -> Licence:
    """A newer licence takes its place from that day: see `grants.replace`."""
    return grants.replace(grant=licence, on=on, reason=reason, by=by, at=at)
