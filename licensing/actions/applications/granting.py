"""What follows from a granted application, all of it in the transaction of the last signature or none of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from licensing.actions import certificates, licences, service_authorisations
from licensing.actions.applications.facts import carried, proposed
from licensing.actions.applications.letters import tell
from licensing.actions.applications.locking import save
from licensing.actions.applications.opening import take_effect
from licensing.models import Application, Licence, ServiceAuthorisation
from licensing.policies.certificates import CERTIFIABLE
from licensing.policies.licences import last_day_allowed, terms_of
from licensing.states import ONCE_IN_FORCE, ApplicationKind, ApplicationState, Part
from registry.accounts.models import User
from registry.actions import facilities, succession
from registry.audit.actions import record as record_event
from registry.models import Facility
from registry.states import OperationalStatus


@dataclass(frozen=True)
class Grant:
    """One application as it is granted."""

    application: Application
    by: User
    at: datetime

    @property
    def today(self) -> date:
        return timezone.localdate(self.at)

    @property
    def first_day(self) -> date:
        """The day that was wished for, or today where it has passed."""
        return max(self.application.begins_on or self.today, self.today)

    @property
    def facility(self) -> Facility:
        if self.application.facility is None:
            raise TypeError("the review puts the site on the register")
        return self.application.facility

    @property
    def old(self) -> Licence:
        if self.application.concerns is None:
            raise TypeError("this kind of application concerns a licence")
        return self.application.concerns

    @property
    def reviewer(self) -> User:
        """Who prepared the decision."""
        signed = self.application.signatures.select_related("person")
        return signed.get(part=Part.REVIEW, revision=self.application.revision).person

    @property
    def reason(self) -> str:
        return _("Application %(number)s") % {"number": self.application.number}


@transaction.atomic
def grant(application: Application, *, by: User, at: datetime) -> Application:
    """The register, the licence, its authorisations and its certificate become what was applied for.

    For the decision or the countersignature, with the row locked and the last signature made. Raises Refused where
    something of it cannot be: then nothing of it is.
    """
    GRANTS[ApplicationKind(application.kind)](Grant(application, by, at))
    application.state, application.decided_at = ApplicationState.GRANTED, at
    save(application, "state", "decided_at", at=at)
    granted = [str(licence) for licence in application.licences.order_by("pk")]
    granted += [str(authorisation) for authorisation in application.serviceauthorisations.order_by("pk")]
    facts = {"kind": application.kind, "granted": granted}
    record_event(verb="application.granted", subject=application, by=by, at=at, facts=facts)
    tell(application, "application.granted", deed="", what=ApplicationKind(application.kind).label, at=at)
    return application


def _new(deed: Grant) -> None:
    if deed.facility.operator_id is None:
        _edit(deed, deed.facility, {"operator": deed.application.operator})
    take_effect(licence=_license(deed, deed.facility, deed.first_day), by=deed.by, at=deed.at)


def _renewal(deed: Grant) -> None:
    """It follows upon the old one, or begins today where that has run out."""
    _license(deed, deed.facility, max(deed.old.last_day + timedelta(days=1), deed.today))


def _variation(deed: Grant) -> None:
    _edit(deed, deed.facility, proposed(deed.application.proposal))
    certificates.issue(licence=_reread(deed.old), by=deed.by, at=deed.at)


def _relocation(deed: Grant) -> None:
    former = deed.old.facility
    _edit(deed, deed.facility, {"predecessor": former, "operator": deed.application.operator})
    _succeed(deed, former, deed.facility)


def _change_of_owner(deed: Grant) -> None:
    former = deed.old.facility
    facts = carried(former) | proposed(deed.application.proposal)
    heir = facilities.register(
        facts={**facts, "operator": deed.application.operator, "predecessor": former},
        status=OperationalStatus.PLANNED,
        services=facilities.declared(former),
        by_decision=True,
        by=deed.by,
        at=deed.at,
    )
    _succeed(deed, former, heir)


def _added_service(deed: Grant) -> None:
    _authorise(deed, deed.facility, deed.first_day, deed.old.valid_until)
    certificates.issue(licence=_reread(deed.old), by=deed.by, at=deed.at)


def _change_of_type(deed: Grant) -> None:
    """From today on: a facility is of one type at a time."""
    _edit(deed, deed.facility, proposed(deed.application.proposal))
    _give_back(deed, deed.facility, deed.today)
    _license(deed, deed.facility, deed.today)


def _surrender(deed: Grant) -> None:
    _give_back(deed, deed.facility, min(deed.first_day, deed.old.valid_until))


GRANTS: dict[ApplicationKind, Callable[[Grant], None]] = {
    ApplicationKind.NEW: _new,
    ApplicationKind.RENEWAL: _renewal,
    ApplicationKind.VARIATION: _variation,
    ApplicationKind.RELOCATION: _relocation,
    ApplicationKind.CHANGE_OF_OWNER: _change_of_owner,
    ApplicationKind.ADDED_SERVICE: _added_service,
    ApplicationKind.CHANGE_OF_TYPE: _change_of_type,
    ApplicationKind.SURRENDER: _surrender,
}


def _succeed(deed: Grant, former: Facility, heir: Facility) -> None:
    """The old site gives its licence back on the day on which the new one begins; its people and devices go along."""
    _give_back(deed, former, deed.first_day)
    succession.hand_over(former=former, heir=heir, on=deed.first_day, by=deed.by, at=deed.at)
    take_effect(licence=_license(deed, heir, deed.first_day), by=deed.by, at=deed.at)


def _license(deed: Grant, facility: Facility, first: date) -> Licence:
    """The licence, then the services that stand on it, then the certificate that names them all."""
    application = deed.application
    if application.type is None or application.terms is None:
        raise TypeError("an application at the authority has a type and terms")
    under = (application.terms, terms_of(application.type, first))
    last = min(last_day_allowed(terms, first) for terms in under)
    licence = licences.issue(
        application=application,
        facility=facility,
        type=application.type,
        valid_from=first,
        valid_until=last,
        recorded_by=deed.reviewer,
        by=deed.by,
        at=deed.at,
    )
    _authorise(deed, facility, first, last)
    certificates.issue(licence=_reread(licence), by=deed.by, at=deed.at)
    return licence


def _authorise(deed: Grant, facility: Facility, first: date, last: date) -> None:
    """Each service that is asked for, from the day on which what allows it now has run out."""
    for asked in deed.application.asked_services.select_related("service").order_by("service__code"):
        held = (
            ServiceAuthorisation.objects.filter(facility=facility, service=asked.service, state__in=ONCE_IN_FORCE)
            .filter(last_day__gte=first)
            .order_by("-last_day")
            .first()
        )
        begins = held.last_day + timedelta(days=1) if held else first
        if begins > last:
            continue
        service_authorisations.issue(
            application=deed.application,
            facility=facility,
            service=asked.service,
            valid_from=begins,
            valid_until=last,
            recorded_by=deed.reviewer,
            by=deed.by,
            at=deed.at,
        )


def _give_back(deed: Grant, facility: Facility, on: date) -> None:
    """The licence, and the authorisations that stand on it; `on` is the first day without them."""
    held = ServiceAuthorisation.objects.filter(facility=facility, state__in=CERTIFIABLE, valid_until__gte=on)
    for authorisation in held.order_by("pk"):
        service_authorisations.replace(
            authorisation=authorisation,
            on=max(on, authorisation.valid_from),
            reason=deed.reason,
            by=deed.by,
            at=deed.at,
        )
    licences.replace(licence=deed.old, on=max(on, deed.old.valid_from), reason=deed.reason, by=deed.by, at=deed.at)


def _edit(deed: Grant, facility: Facility, facts: Mapping[str, Any]) -> None:
    facility = facilities.lock(facility)
    facilities.edit(
        facility=facility, revision=facility.revision, facts=facts, by_decision=True, by=deed.by, at=deed.at
    )


def _reread(licence: Licence) -> Licence:
    found: Licence = Licence.objects.select_related("facility__area", "type").get(pk=licence.pk)
    return found
