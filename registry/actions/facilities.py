"""Everything that can happen to a facility."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from registry import permissions, policies
from registry.accounts.models import User
from registry.audit.actions import record
from registry.core.errors import Refused
from registry.core.khmer import search_key, sort_key
from registry.events import facility_status_changed
from registry.models import Facility, FacilityIdentifier, FacilityService, OperationalStatusChange, Service
from registry.states import OperationalStatus

FACTS = (
    *("name_km", "name_en", "type", "ownership", "operator", "area", "operational_district", "address"),
    *("latitude", "longitude", "point_accuracy_m", "beds", "opening_hours", "phone", "email", "website"),
    *("opened_on", "predecessor", "brand"),
)
"""What somebody says about a facility; everything else in its row follows from this or from other actions."""

Identifier = tuple[str, str]
"""The system and the value by which it knows the facility."""


def keys(name_km: str, name_en: str) -> dict[str, str]:
    """The columns by which a facility of these names is found and sorted. Nothing is read or written."""
    room = Facility._meta.get_field("search_key").max_length
    return {"search_key": search_key(f"{name_km} {name_en}")[:room], "sort_key": sort_key(name_km or name_en)}


def prepare(facility: Facility) -> Facility:
    """Set every column that follows from others, for one facility or for each of many that are written at once."""
    for name, value in keys(facility.name_km, facility.name_en).items():
        setattr(facility, name, value)
    facility.province_id = facility.area.province_id if facility.area is not None else None
    return facility


@transaction.atomic
def register(
    *,
    facts: Mapping[str, Any],
    status: str = OperationalStatus.OPERATING,
    since: date | None = None,
    identifiers: Iterable[Identifier] = (),
    services: Collection[Service] = (),
    by_decision: bool = False,
    by: User,
    at: datetime,
) -> Facility:
    """A facility enters the register and gets its number. `facts` are some of FACTS.

    `since` is the first day of the status; None says that it was so before the register began. `by_decision`: it
    follows from what the licensing authority decided, and whoever decided need not keep facilities.
    Raises NotPermitted, or Refused where the facts cannot stand together.
    """
    if not by_decision:
        permissions.check_may_register(by)
        permissions.check_may_place(by, facts.get("area"))
    facility = prepare(Facility(operational_status=status, registered_at=at, changed_at=at))
    _write(facility, facts, at=at)
    OperationalStatusChange.objects.create(
        facility=facility,
        status=status,
        effective_on=since,
        reason=_("Registered"),
        recorded_at=at,
        recorded_by=by,
    )
    record(
        verb="facility.registered",
        subject=facility,
        by=by,
        at=at,
        facts={name: plain(value) for name, value in facts.items() if value not in (None, "")}
        | {"status": str(status)},
    )
    _set_identifiers(facility, identifiers, by=by, at=at)
    _set_services(facility, services, by=by, at=at)
    return facility


@transaction.atomic
def edit(
    *,
    facility: Facility,
    revision: int,
    facts: Mapping[str, Any],
    identifiers: Iterable[Identifier] | None = None,
    services: Collection[Service] | None = None,
    by_decision: bool = False,
    by: User,
    at: datetime,
) -> Facility:
    """The facts become these, and the identifiers and declared services too where they are given.

    `revision` is the one that the person has read. Where nothing differs, nothing is written. `by_decision`: see
    `register`.
    Raises NotPermitted, or Refused where somebody else changed the facility meanwhile or the facts do not fit.
    """
    facility = lock(facility)
    if not by_decision:
        permissions.check_may_edit(by, facility)
        if "area" in facts:
            permissions.check_may_place(by, facts["area"])
    policies.check_can_edit(facility, revision=revision)
    changes = {
        name: [plain(getattr(facility, name)), plain(value)]
        for name, value in facts.items()
        if getattr(facility, name) != value
    }
    if changes:
        facility.revision, facility.changed_at = facility.revision + 1, at
        _write(facility, facts, at=at)
        record(verb="facility.edited", subject=facility, by=by, at=at, facts=changes)
    others = identifiers is not None and _set_identifiers(facility, identifiers, by=by, at=at)
    if services is not None:
        others |= _set_services(facility, services, by=by, at=at)
    if others and not changes:
        touch(facility, at=at)
    return facility


@transaction.atomic
def change_status(
    *,
    facility: Facility,
    status: str,
    effective_on: date,
    reason: str,
    by_decision: bool = False,
    by: User | None,
    at: datetime,
) -> Facility:
    """From `effective_on` on the facility has this operational status. Raises NotPermitted or Refused.

    `by_decision`: see `register`; `by` is None where the day of that decision came at night.
    """
    facility = lock(facility)
    if not by_decision:
        permissions.check_may_edit(by, facility)
    policies.check_can_change_status(
        facility, status=status, effective_on=effective_on, reason=reason, on=timezone.localdate(at)
    )
    former, facility.operational_status = facility.operational_status, status
    OperationalStatusChange.objects.create(
        facility=facility, status=status, effective_on=effective_on, reason=reason, recorded_at=at, recorded_by=by
    )
    touch(facility, at=at)
    record(
        verb="facility.status_changed",
        subject=facility,
        by=by,
        at=at,
        reason=reason,
        facts={"from": former, "to": str(status), "effective_on": str(effective_on)},
    )
    transaction.on_commit(lambda: facility_status_changed.send_robust(Facility, facility=facility, at=at))
    return facility


@transaction.atomic
def add_identifier(*, facility: Facility, system: str, value: str, by: User, at: datetime) -> FacilityIdentifier:
    """Another system's number for the facility. Raises NotPermitted, or Refused where it names another facility."""
    facility = lock(facility)
    permissions.check_may_edit(by, facility)
    identifier = _add_identifier(facility, (system, value), by=by, at=at)
    touch(facility, at=at)
    return identifier


@transaction.atomic
def remove_identifier(*, identifier: FacilityIdentifier, by: User, at: datetime) -> None:
    """The facility is no longer known by this number. Raises NotPermitted."""
    facility = lock(identifier.facility)
    permissions.check_may_edit(by, facility)
    _remove_identifier(facility, identifier, by=by, at=at)
    touch(facility, at=at)


@transaction.atomic
def declare_service(*, facility: Facility, service: Service, by: User, at: datetime) -> Facility:
    """The facility says that it offers the service. Raises NotPermitted."""
    facility = lock(facility)
    permissions.check_may_edit(by, facility)
    if _set_services(facility, {*declared(facility), service}, by=by, at=at):
        touch(facility, at=at)
    return facility


@transaction.atomic
def withdraw_service(*, facility: Facility, service: Service, by: User, at: datetime) -> Facility:
    """The facility says that it no longer offers the service. Raises NotPermitted."""
    facility = lock(facility)
    permissions.check_may_edit(by, facility)
    if _set_services(facility, declared(facility) - {service}, by=by, at=at):
        touch(facility, at=at)
    return facility


def declared(facility: Facility) -> set[Service]:
    return set(Service.objects.filter(declarations__facility=facility, declarations__withdrawn_on=None))


def lock(facility: Facility) -> Facility:
    """The facility as it is now, and nobody else changes it in the meantime."""
    locked: Facility = Facility.objects.select_for_update(of=("self",), no_key=True).get(pk=facility.pk)
    return locked


def touch(facility: Facility, *, at: datetime) -> None:
    """The facility is another than the one that was read before."""
    facility.revision += 1
    facility.changed_at = at
    facility.save(update_fields=["operational_status", "revision", "changed_at"])


def plain(value: Any) -> Any:
    """The value as an audit event keeps it."""
    if isinstance(value, models.Model):
        return str(getattr(value, "number", None) or getattr(value, "code", None) or value.pk)
    return value if value is None or isinstance(value, int) else str(value)


def _write(facility: Facility, facts: Mapping[str, Any], *, at: datetime) -> None:
    if unknown := facts.keys() - set(FACTS):
        raise TypeError(f"not a fact about a facility: {sorted(unknown)}")
    for name, value in facts.items():
        setattr(facility, name, value)
    prepare(facility)
    policies.check_can_hold(facility, on=timezone.localdate(at))
    with _constraints_in_words():
        facility.save()


def _set_identifiers(facility: Facility, wanted: Iterable[Identifier], *, by: User, at: datetime) -> bool:
    """Whether anything differed."""
    known = {(identifier.system, identifier.value): identifier for identifier in facility.identifiers.all()}
    kept = set(wanted)
    for pair in sorted(known.keys() - kept):
        _remove_identifier(facility, known[pair], by=by, at=at)
    for pair in sorted(kept - known.keys()):
        _add_identifier(facility, pair, by=by, at=at)
    return known.keys() != kept


def _add_identifier(facility: Facility, pair: Identifier, *, by: User, at: datetime) -> FacilityIdentifier:
    system, value = pair
    with _constraints_in_words(pair):
        identifier = FacilityIdentifier.objects.create(facility=facility, system=system, value=value)
    record(verb="facility.identifier_added", subject=facility, by=by, at=at, facts={"system": system, "value": value})
    return identifier


def _remove_identifier(facility: Facility, identifier: FacilityIdentifier, *, by: User, at: datetime) -> None:
    facts = {"system": identifier.system, "value": identifier.value}
    identifier.delete()
    record(verb="facility.identifier_removed", subject=facility, by=by, at=at, facts=facts)


def _set_services(facility: Facility, wanted: Collection[Service], *, by: User, at: datetime) -> bool:
    """Whether anything differed."""
    today, kept = timezone.localdate(at), set(wanted)
    present = facility.declared_services.filter(withdrawn_on=None).select_related("service")
    known = {declaration.service: declaration for declaration in present}
    for service in sorted(known.keys() - kept, key=_by_code):
        declaration = known[service]
        declaration.withdrawn_on = max(today, declaration.declared_on)
        declaration.save(update_fields=["withdrawn_on"])
        record(verb="facility.service_withdrawn", subject=facility, by=by, at=at, facts={"service": service.code})
    for service in sorted(kept - known.keys(), key=_by_code):
        FacilityService.objects.create(facility=facility, service=service, declared_on=today)
        record(verb="facility.service_declared", subject=facility, by=by, at=at, facts={"service": service.code})
    return known.keys() != kept


def _by_code(service: Service) -> str:
    return service.code


@contextmanager
def _constraints_in_words(identifier: Identifier = ("", "")) -> Iterator[None]:
    """What only the database can know, because somebody else writes at the same moment, gets a sentence too."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if "an_identifier_names_one_facility" in str(error):
            raise Refused(
                _("%(system)s %(value)s already names another facility.")
                % {"system": identifier[0], "value": identifier[1]},
                code="identifier_taken",
            ) from error
        if "predecessor" in str(error):
            raise Refused(_("Another facility already succeeds that one."), code="already_succeeded") from error
        raise
