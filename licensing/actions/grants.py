"""What happens to licences and to authorisations for services alike."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any, TypeVar

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from licensing import permissions, policies
from licensing.actions import letters
from licensing.models import Grant, Licence, Suspension
from licensing.states import LicenceState
from registry.accounts.models import User
from registry.audit.actions import record as record_event
from registry.core.errors import Refused
from registry.models import Facility

AnyGrant = TypeVar("AnyGrant", bound=Grant)


@transaction.atomic
def reject(*, grant: AnyGrant, reason: str, by: User, at: datetime) -> AnyGrant:
    """It never comes into force. Raises NotPermitted, for who recorded it too, or Refused."""
    grant = lock(grant)
    check_decides(grant, by=by, at=at)
    policies.check_can_reject(grant, reason=reason)
    grant.state, grant.reason = LicenceState.REJECTED, reason
    grant.decided_by, grant.decided_at = by, at
    save(grant)
    record_event(verb=f"{grant.noun}.rejected", subject=grant, by=by, at=at, reason=reason)
    if isinstance(grant, Licence):
        letters.decided(grant, at=at)
    return grant


@transaction.atomic
def suspend(
    *, grant: AnyGrant, grounds: str, notice_on: date, from_on: date, review_on: date | None, by: User, at: datetime
) -> AnyGrant:
    """From its first day on it does not hold until it is reinstated. Raises NotPermitted or Refused."""
    grant = lock(grant)
    check_decides(grant, by=by, at=at)
    policies.check_can_suspend(
        grant,
        grounds=grounds,
        notice_on=notice_on,
        from_on=from_on,
        review_on=review_on,
        decided_on=timezone.localdate(at),
    )
    Suspension.objects.create(
        **_of(grant),
        grounds=grounds,
        notice_on=notice_on,
        from_on=from_on,
        review_on=review_on,
        decided_by=by,
        decided_at=at,
    )
    grant.state, grant.suspended_from = LicenceState.SUSPENDED, from_on
    save(grant)
    facts = {"from_on": str(from_on), "notice_on": str(notice_on), "review_on": str(review_on or "")}
    record_event(verb=f"{grant.noun}.suspended", subject=grant, by=by, at=at, reason=grounds, facts=facts)
    letters.changed(grant, "suspended", day=from_on, reason=grounds, at=at)
    return grant


@transaction.atomic
def reinstate(*, grant: AnyGrant, reason: str, by: User, at: datetime) -> AnyGrant:
    """It holds again from today; a suspension that has not begun never works. Raises NotPermitted or Refused."""
    grant = lock(grant)
    check_decides(grant, by=by, at=at)
    today = timezone.localdate(at)
    policies.check_can_reinstate(grant, reason=reason, decided_on=today)
    _end_suspension(grant, on=today, reason=reason, by=by, at=at)
    grant.state, grant.suspended_from = LicenceState.ISSUED, None
    save(grant)
    record_event(
        verb=f"{grant.noun}.reinstated", subject=grant, by=by, at=at, reason=reason, facts={"from_on": str(today)}
    )
    letters.changed(grant, "reinstated", day=today, reason=reason, at=at)
    return grant


@transaction.atomic
def revoke(*, grant: AnyGrant, ended_on: date, notice_on: date, reason: str, by: User, at: datetime) -> AnyGrant:
    """It is taken away; `ended_on` is the first day without it. Raises NotPermitted or Refused."""
    grant = lock(grant)
    check_decides(grant, by=by, at=at)
    policies.check_can_revoke(
        grant, ended_on=ended_on, notice_on=notice_on, reason=reason, decided_on=timezone.localdate(at)
    )
    grant.notice_on, grant.ended_by = notice_on, by
    grant = _end(grant, LicenceState.REVOKED, ended_on=ended_on, reason=reason, by=by, at=at)
    letters.changed(grant, "revoked", day=ended_on, reason=reason, at=at)
    return grant


@transaction.atomic
def surrender(
    *, grant: AnyGrant, ended_on: date, reason: str, by: User, at: datetime, notice_on: date | None = None
) -> AnyGrant:
    """It was given back; `ended_on` is the first day without it. Raises NotPermitted or Refused."""
    grant = lock(grant)
    check_decides(grant, by=by, at=at)
    policies.check_can_surrender(
        grant, ended_on=ended_on, notice_on=notice_on, reason=reason, decided_on=timezone.localdate(at)
    )
    grant.notice_on, grant.ended_by = notice_on, by
    return _end(grant, LicenceState.SURRENDERED, ended_on=ended_on, reason=reason, by=by, at=at)


@transaction.atomic
def replace(*, grant: AnyGrant, on: date, reason: str, by: User, at: datetime) -> AnyGrant:
    """A newer one takes its place from that day; where it has run out by then, it stays as it is.

    For whoever grants the newer one, in the same transaction: they ask who may. Raises Refused where it has ended.
    """
    grant = lock(grant)
    if on > grant.valid_until:
        return grant
    policies.check_can_surrender(grant, ended_on=on, reason=reason, decided_on=timezone.localdate(at))
    return _end(grant, LicenceState.SURRENDERED, ended_on=on, reason=reason, by=by, at=at)


def check_decides(grant: Grant, *, by: User, at: datetime) -> None:
    """May this person, and has none of them an interest? Raises NotPermitted or Refused."""
    permissions.check_may_decide(by, grant)
    policies.check_has_no_interest(by, grant.facility, timezone.localdate(at))


def lock(grant: AnyGrant) -> AnyGrant:
    """The row as it now is; other decisions about its facility wait."""
    facility = lock_facility(grant.facility_id)
    locked: AnyGrant = type(grant)._default_manager.select_for_update(of=("self",)).get(pk=grant.pk)
    locked.facility = facility
    return locked


def lock_facility(pk: int) -> Facility:
    """One decision at a time per facility: two at once would each wait for the other in the exclusion constraint."""
    return Facility.objects.select_for_update(of=("self",), no_key=True).select_related("type", "province").get(pk=pk)


def save(grant: Grant) -> None:
    with _constraints_in_words(grant):
        grant.save()
    grant.refresh_from_db(fields=["last_day"])


def facts(grant: Any) -> dict[str, str]:
    what = {"type": grant.type.code} if isinstance(grant, Licence) else {"service": grant.service.code}
    return what | {"valid_from": str(grant.valid_from), "valid_until": str(grant.valid_until)}


def _end(grant: AnyGrant, state: LicenceState, *, ended_on: date, reason: str, by: User, at: datetime) -> AnyGrant:
    if grant.state == LicenceState.SUSPENDED:
        stood = _end_suspension(grant, on=ended_on, reason=reason, by=by, at=at)
        grant.suspended_from = stood.from_on if stood.from_on < ended_on else None
    grant.state, grant.ended_on, grant.reason = state, ended_on, reason
    save(grant)
    record_event(
        verb=f"{grant.noun}.{state}", subject=grant, by=by, at=at, reason=reason, facts={"ended_on": str(ended_on)}
    )
    return grant


def _end_suspension(grant: Grant, *, on: date, reason: str, by: User, at: datetime) -> Suspension:
    suspension = Suspension.objects.select_for_update().get(**_of(grant), ends_on=None)
    suspension.ends_on = max(on, suspension.from_on)
    suspension.ended_by, suspension.ended_at, suspension.reason_of_end = by, at, reason
    suspension.save()
    return suspension


def _of(grant: Grant) -> dict[str, Grant]:
    return {grant.noun: grant}


@contextmanager
def _constraints_in_words(grant: Any) -> Iterator[None]:
    """What the database refuses is refused with the same sentence as what the policies see beforehand."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        said = str(error)
        if "one_licence_in_force_per_facility" in said:
            other = policies.other_in_force(grant.facility.licences, grant.valid_from, grant.valid_until)
            raise policies.overlaps(other) from error
        if "one_authorisation_in_force_per_service" in said:
            authorised = grant.facility.service_authorisations.filter(service=grant.service)
            other = policies.other_in_force(authorised, grant.valid_from, grant.valid_until)
            raise policies.authorised_already(other) from error
        if "_number_" in said:
            raise Refused(
                _("The number %(number)s is taken.") % {"number": grant.number}, code="number_taken"
            ) from error
        raise
