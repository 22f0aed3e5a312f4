"""Everything the register knows about one facility, from all floors."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.db.models import Count, F, OuterRef, Prefetch, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from enforcement.models import Complaint, Flag
from enforcement.querysets import COMPLAINT_READERS
from enforcement.rules import BY_CODE
from inspections.models import Standing, Visit
from inspections.querysets import facilities_repeated_by
from inspections.states import VisitState
from licensing.models import Licence, ServiceAuthorisation
from licensing.states import ONCE_IN_FORCE
from portal.reports.events import details_of
from registry.accounts.states import Role
from registry.audit.models import AuditEvent
from registry.audit.reports import title_of
from registry.models import (
    Equipment,
    Facility,
    FacilityIdentifier,
    FacilityService,
    OperationalStatusChange,
    Posting,
)

VISITS, EVENTS = 10, 40
FORMER_SITES = 10


@dataclass(frozen=True)
class Moment:
    """One line of a timeline: a day, or a moment in the register's time zone."""

    at: date | datetime
    title: str
    by: str = ""
    text: str = ""

    @property
    def order(self) -> datetime:
        """Days stand before the moments of the same day."""
        if isinstance(self.at, datetime):
            return self.at
        return timezone.make_aware(datetime.combine(self.at, time.min))


@dataclass(frozen=True)
class Dossier:
    """One facility with its newest visits and events and all its licences, open flags, services and identifiers."""

    facility: Facility
    standing: Standing | None
    visits: list[Visit]
    licences: list[Licence]
    authorisations: list[ServiceAuthorisation]
    flags: list[Flag]
    services: list[FacilityService]
    identifiers: list[FacilityIdentifier]
    status_changes: list[OperationalStatusChange]
    people: list[Posting]
    equipment: list[Equipment]
    events: list[AuditEvent]
    former: list[Facility]
    """The sites that this one continues, the last first, whoever may open them: a history is not shed by moving."""
    complaints: int | None = None
    """How many of the public complained; None for who does not read complaints."""
    blind: bool = False
    """Whether the reader is repeating a visit here and must not meet what was found before."""

    def licence_in_force(self, on: date) -> Licence | None:
        """The licence that holds on that day, today or later: within its period and not suspended."""
        return next((licence for licence in self.licences if licence.holds(on)), None)

    def timeline(self) -> list[Moment]:
        """What was done and what the calendar says, newest first."""
        return sorted((*self._done(), *self._dates()), key=lambda moment: moment.order, reverse=True)

    def _done(self) -> Iterator[Moment]:
        for event in self.events:
            at = timezone.localtime(event.occurred_at)
            yield Moment(at, title_of(event.verb), by=event.by_username, text=details_of(event))

    def _dates(self) -> Iterator[Moment]:
        facility = self.facility
        if facility.opened_on:
            yield Moment(facility.opened_on, _("Opened"))
        for change in self.status_changes:
            if change.effective_on:
                yield Moment(change.effective_on, change.get_status_display(), text=change.reason)
        for visit in self.visits:
            if visit.state == VisitState.APPROVED and visit.visited_on:
                result = visit.get_band_display() or visit.get_outcome_display()
                yield Moment(visit.visited_on, _("Inspected"), text=result)
        for licence in self.licences:
            if licence.state in ONCE_IN_FORCE:
                until = _("Until %(day)s") % {"day": date_format(licence.last_day)}
                yield Moment(
                    licence.valid_from, _("Licence %(number)s in force") % {"number": licence.number}, text=until
                )
        for flag in self.flags:
            yield Moment(flag.raised_on, _("Flag raised"), text=str(BY_CODE[flag.rule].title))


def with_everything(facilities: QuerySet[Facility]) -> QuerySet[Facility]:
    """`facilities` with all that a dossier says about the facility itself, in one query."""
    return facilities.select_related(
        "type",
        "operator",
        "area__parent__parent__parent",
        "province",
        "operational_district",
        "standing",
        "predecessor",
        "successor",
    )


def dossier(facility: Facility, user: Any, *, on: date) -> Dossier:
    """The dossier of a facility read by `with_everything`, as `user` may read it on that day.

    Ten queries, however much there is; one more for whoever reads complaints, two for each site that it continues, and
    two for an inspector, who is not to learn of back-checks by others nor what an own one repeats.
    """
    visible: QuerySet[Visit] = Visit.objects.visible_to(user).filter(facility=facility)
    visits = visible.select_related("inspector").order_by(F("visited_on").desc(nulls_first=True), "-id")
    events: QuerySet[AuditEvent] = AuditEvent.objects.all().of_facility(facility.number)
    blind = False
    if user.role == Role.INSPECTOR:
        blind = facilities_repeated_by(user).filter(original__facility=facility).exists()
        hidden = facility.visits.exclude(pk__in=visible.values("pk")).values_list("uuid", flat=True)
        events = events.exclude(subject_kind="inspections.visit", subject_number__in=[str(uuid) for uuid in hidden])
    if blind:
        events = events.exclude(subject_kind__regex="^(inspections|enforcement)[.]")
    if user.role not in COMPLAINT_READERS:
        events = events.exclude(subject_kind="enforcement.complaint")
    return Dossier(
        facility=facility,
        standing=None if blind else getattr(facility, "standing", None),
        visits=list(visits[:VISITS]),
        licences=list(facility.licences.select_related("type").order_by("-valid_from", "-id")),
        authorisations=list(
            facility.service_authorisations.select_related("service").order_by("service__code", "-valid_from", "-id")
        ),
        flags=[] if blind else list(facility.flags.filter(cleared_on=None).order_by("-severity", "rule")),
        services=list(
            facility.declared_services.filter(withdrawn_on=None).select_related("service").order_by("service__code")
        ),
        identifiers=list(facility.identifiers.order_by("system", "value")),
        status_changes=list(
            facility.status_changes.select_related("recorded_by").order_by(
                F("effective_on").desc(nulls_last=True), "-id"
            )
        ),
        people=people(facility, on),
        equipment=list(facility.equipment.in_use(on).select_related("kind").order_by("kind__code", "pk")),
        events=list(events[:EVENTS]),
        complaints=Complaint.objects.visible_to(user).filter(facility=facility).count()
        if user.role in COMPLAINT_READERS
        else None,
        former=[] if blind else former_sites(facility),
        blind=blind,
    )


def former_sites(facility: Facility) -> list[Facility]:
    """What the facility was before it moved or changed hands, the last first, each with its standing and licences.

    Two queries a site, none for a facility that continues no other; the newest ten sites.
    """
    sites: list[Facility] = []
    while facility.predecessor_id and len(sites) < FORMER_SITES:
        newest_first = Licence.objects.order_by("-valid_from", "-id")
        known = Facility.objects.select_related("standing").prefetch_related(Prefetch("licences", newest_first))
        facility = known.get(pk=facility.predecessor_id)
        sites.append(facility)
    return sites


def people(facility: Facility, on: date) -> list[Posting]:
    """Who works in the facility on that day, the responsible person first; each `stands_for` so many facilities."""
    answering = Posting.objects.in_force(on).responsible().filter(practitioner=OuterRef("practitioner"))
    number = answering.order_by().values("practitioner").annotate(number=Count("pk")).values("number")
    here = Posting.objects.in_force(on).filter(facility=facility)
    joined = here.annotate(stands_for=Coalesce(Subquery(number), 0)).select_related("practitioner")
    return list(joined.order_by("-is_responsible", "valid_from", "pk"))


def places(facility: Facility) -> list[Any]:
    """The facility's area and the areas that it lies in, the smallest first; empty where the place is unknown."""
    area, chain = facility.area, []
    while area is not None:
        chain.append(area)
        area = area.parent if area.parent_id else None
    return chain
