"""An application is begun and written, until it is handed in and while a question about it is open."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from licensing.actions.applications.locking import lock, save
from licensing.actions.numbers import next_number
from licensing.models import Application, ApplicationService, Licence
from licensing.permissions.applying import check_may_apply_for, check_may_change, check_may_place
from licensing.policies import applying as policies
from licensing.rules import proposals
from registry.accounts.models import User
from registry.audit.actions import record as record_event
from registry.models import Facility, Operator, Service


@transaction.atomic
def begin(
    *,
    kind: str,
    operator: Operator,
    facility: Facility | None = None,
    licence: Licence | None = None,
    by: User,
    at: datetime,
) -> Application:
    """A draft with its reference number, about a licence, about a site that has none, or about a new site.

    What leads to a new licence asks at first for the services authorised under the old one. Raises NotPermitted, or
    Refused where the kind does not fit the licence or the site, or is under way for it.
    """
    facility = licence.facility if licence is not None else facility
    check_may_apply_for(by, operator, facility)
    if facility is not None:
        Facility.objects.select_for_update(no_key=True).get(pk=facility.pk)
    on = timezone.localdate(at)
    policies.check_can_begin(kind=kind, operator=operator, facility=facility, licence=licence, on=on)
    application = Application.objects.create(
        number=next_number(prefix="APP", year=on.year),
        kind=kind,
        operator=operator,
        facility=facility,
        concerns=licence,
        created_at=at,
        created_by=by,
        changed_at=at,
    )
    if facility is not None and kind in proposals.WITH_SERVICES_AS_THEY_ARE:
        ApplicationService.objects.bulk_create(
            ApplicationService(application=application, service=service)
            for service in policies.authorised(facility, on)
        )
        application.refresh_from_db(fields=["revision"])
    facts = {"kind": str(kind), "operator": str(operator)}
    record_event(verb="application.begun", subject=application, by=by, at=at, facts=facts)
    return application


@transaction.atomic
def propose(*, application: Application, proposal: Mapping[str, str], seen: str, by: User, at: datetime) -> Application:
    """What is proposed becomes this, whole or not yet. `seen` is the fingerprint of the proposal that was changed.

    Raises NotPermitted, or Refused where somebody else changed it meanwhile or it is not the applicant's turn.
    """
    application = changing(application, by=by)
    policies.check_has_seen(proposals.fingerprint(application.proposal), seen)
    wanted = proposals.asked(application.kind, registered=application.facility_id is not None)
    proposed = proposals.cleaned(wanted, proposal)
    check_may_place(by, proposed.get("area", ""))
    return _write(application, proposals.changes(application.proposal, proposed), by=by, at=at, proposal=proposed)


@transaction.atomic
def wish(
    *, application: Application, begins_on: date | None, note: str, seen: str, by: User, at: datetime
) -> Application:
    """The wanted first day and a note for the authority. Raises as `propose` does."""
    application = changing(application, by=by)
    policies.check_has_seen(wishes_of(application), seen)
    before = {"begins_on": application.begins_on and application.begins_on.isoformat(), "note": application.note}
    after = {"begins_on": begins_on and begins_on.isoformat(), "note": note}
    changes = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
    return _write(application, changes, by=by, at=at, begins_on=begins_on, note=note)


@transaction.atomic
def ask_for(
    *, application: Application, services: Collection[Service], seen: str, by: User, at: datetime
) -> Application:
    """The services with an authorisation of their own that are asked for. Raises as `propose` does."""
    application = changing(application, by=by)
    policies.check_has_seen(services_of(application), seen)
    policies.check_can_ask_for(application, services, on=timezone.localdate(at))
    present = {asked.service_id: asked for asked in application.asked_services.select_related("service")}
    added = [service for service in services if service.pk not in present]
    dropped = [asked for key, asked in present.items() if key not in {service.pk for service in services}]
    for asked in dropped:
        asked.delete()
    ApplicationService.objects.bulk_create(
        ApplicationService(application=application, service=service) for service in added
    )
    changes = {
        "added": sorted(service.code for service in added),
        "dropped": sorted(asked.service.code for asked in dropped),
    }
    return _write(application, changes if added or dropped else {}, by=by, at=at)


def wishes_of(application: Application) -> str:
    return proposals.fingerprint([application.begins_on, application.note])


def services_of(application: Application) -> str:
    codes = application.asked_services.order_by("service__code").values_list("service__code", flat=True)
    return proposals.fingerprint(list(codes))


def changing(application: Application, *, by: User) -> Application:
    """The application, held, where this person may change it and it is the applicant's turn."""
    application = lock(application)
    check_may_change(by, application)
    policies.check_is_with_the_applicant(application)
    return application


def _write(
    application: Application, changes: Mapping[str, Any], *, by: User, at: datetime, **fields: Any
) -> Application:
    """Where nothing differs, nothing is written."""
    if changes:
        for name, value in fields.items():
            setattr(application, name, value)
        save(application, *fields, at=at)
        record_event(verb="application.changed", subject=application, by=by, at=at, facts=dict(changes))
    return application
