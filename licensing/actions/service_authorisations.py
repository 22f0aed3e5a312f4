"""How authorisations for single services come to be; what happens to them afterwards is in `grants`."""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from licensing import permissions, policies
from licensing.actions import certificates, grants
from licensing.actions.numbers import next_number, prefix_of
from licensing.models import Application, ServiceAuthorisation
from licensing.states import LicenceState
from registry.accounts.models import User
from registry.audit.actions import record as record_event
from registry.models import Facility, Service


@transaction.atomic
def record(
    *,
    facility: Facility,
    service: Service,
    number: str,
    valid_from: date,
    valid_until: date,
    by: User,
    at: datetime,
) -> ServiceAuthorisation:
    """An authorisation on paper waits for approval; it is not in force yet.

    Raises NotPermitted, or Refused where the service needs none, the facility lacks a licence or what the service
    needs, another is in force, the number is taken or one that only the register gives, or `by` has an interest.
    """
    permissions.check_may_record(by)
    facility = grants.lock_facility(facility.pk)
    today = timezone.localdate(at)
    policies.check_has_no_interest(by, facility, today)
    policies.check_is_no_series_number(number)
    policies.check_can_authorise(
        facility=facility, service=service, valid_from=valid_from, valid_until=valid_until, decided_on=today
    )
    authorisation = ServiceAuthorisation(
        facility=facility,
        service=service,
        number=number,
        valid_from=valid_from,
        valid_until=valid_until,
        recorded_by=by,
        recorded_at=at,
    )
    grants.save(authorisation)
    record_event(verb="authorisation.recorded", subject=authorisation, by=by, at=at, facts=grants.facts(authorisation))
    return authorisation


@transaction.atomic
def approve(*, authorisation: ServiceAuthorisation, by: User, at: datetime) -> ServiceAuthorisation:
    """The authorisation is issued, and the licence's certificate made anew, which names the service.

    Raises NotPermitted, for the recorder too, or Refused: see `record`.
    """
    authorisation = grants.lock(authorisation)
    grants.check_decides(authorisation, by=by, at=at)
    today = timezone.localdate(at)
    policies.check_can_approve_authorisation(authorisation, decided_on=today)
    authorisation.state = LicenceState.ISSUED
    authorisation.decided_by, authorisation.decided_at = by, at
    grants.save(authorisation)
    record_event(verb="authorisation.approved", subject=authorisation, by=by, at=at, facts=grants.facts(authorisation))
    licence = policies.licence_in_force(authorisation.facility, max(authorisation.valid_from, today))
    certificates.issue(licence=licence, by=by, at=at)
    return authorisation


@transaction.atomic
def issue(
    *,
    application: Application,
    facility: Facility,
    service: Service,
    valid_from: date,
    valid_until: date,
    recorded_by: User,
    by: User,
    at: datetime,
) -> ServiceAuthorisation:
    """The authorisation that an application is granted, with the next number of its authority.

    For the grant of an application, in its transaction, after the licence: it asks who may and makes the certificate.
    Raises Refused where the service needs none, the facility lacks a licence or what the service needs, or another is
    in force.
    """
    facility = grants.lock_facility(facility.pk)
    today = timezone.localdate(at)
    policies.check_can_authorise(
        facility=facility, service=service, valid_from=valid_from, valid_until=valid_until, decided_on=today
    )
    licence = policies.licence_in_force(facility, max(valid_from, today))
    authorisation = ServiceAuthorisation(
        facility=facility,
        service=service,
        number=next_number(prefix=f"{prefix_of(licence.type, facility)}-A", year=today.year),
        state=LicenceState.ISSUED,
        application=application,
        valid_from=valid_from,
        valid_until=valid_until,
        recorded_by=recorded_by,
        recorded_at=at,
        decided_by=by,
        decided_at=at,
    )
    grants.save(authorisation)
    facts = grants.facts(authorisation) | {"application": application.number}
    record_event(verb="authorisation.issued", subject=authorisation, by=by, at=at, facts=facts)
    return authorisation


def replace(
    *, authorisation: ServiceAuthorisation, on: date, reason: str, by: User, at: datetime
) -> ServiceAuthorisation:
    """A newer authorisation takes its place from that day: see `grants.replace`."""
    return grants.replace(grant=authorisation, on=on, reason=reason, by=by, at=at)
