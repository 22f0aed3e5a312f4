"""Fill an empty register with the demonstration, once."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import override

from enforcement import sweeps
from enforcement.models import SweepRun
from inspections.models import ChecklistVersion
from inspections.sweeps import plan_visits
from licensing.actions import certificates, signing_keys
from portal.demonstration import complaints, country, desk, directives, licences, people, sites, teams, visits
from portal.demonstration.applications import Applications
from portal.demonstration.chance import Chance
from portal.demonstration.findings import Course
from portal.demonstration.grants import Grants
from portal.demonstration.staff import Staff
from portal.demonstration.walks import Walks
from registry.accounts.models import User
from registry.audit.models import AuditEvent
from registry.core.errors import Refused
from registry.models import Facility, FacilityType

SEED = 2023_03_08
FACILITIES = 2000
SWEPT_DAYS_AGO = range(56, 0, -7)
"""The days as of which the rules were asked before today, so that some flags are old and some are new."""

Say = Callable[[str], None]


def is_loaded() -> bool:
    return Facility.objects.filter(identifiers__system=sites.SYSTEM).exists()


def load(*, facilities: int = FACILITIES, today: date, at: datetime, say: Say) -> bool:
    """Fill the register; False where the demonstration is there already, and nothing is written then.

    All or nothing; the sweeps as of days gone by follow once the rest is kept. The same number of facilities and the
    same day give the same register. Raises Refused where this is no demonstration, the register holds anything else, or
    the gazetteer or the reference data is missing.
    """
    check_is_demonstration()
    new = not is_loaded()
    if new:
        with transaction.atomic(), override(settings.LANGUAGE_CODE):
            _load(facilities, today=today, at=at, say=say)
    if not SweepRun.objects.exists():
        say("Sweeping as of days gone by …")
        for days in SWEPT_DAYS_AGO:
            sweeps.sweep(as_of=today - timedelta(days), started_by=sites.SYSTEM)
    return new


def _load(facilities: int, *, today: date, at: datetime, say: Say) -> None:
    chance = Chance(SEED)
    provinces = country.provinces()
    check_can_load(facilities, provinces)
    began = at - timedelta(sites.REGISTER_BEGAN_DAYS + 1)
    crew, events = people.open_accounts(provinces.values(), since=began)
    signing_keys.ensure(by=None, at=began)
    made = sites.make(facilities, provinces, chance=chance, today=today)
    say(f"{len(made):,} facilities …")
    events += sites.write(made, crew)
    staff = Staff(chance=Chance(SEED + 1), today=today, at=at)
    staff.make(made)
    staff.write()
    say(f"{len(staff.practitioners):,} practitioners and {len(staff.equipment):,} devices …")
    issued = licences.make(made, crew, chance=chance, today=today)
    say(f"{len(issued):,} licences …")
    events += licences.write(issued, chance=chance)
    granted = Grants(crew, chance=Chance(SEED + 2), today=today)
    granted.make(made, issued)
    events += granted.events
    say(f"{len(granted.authorisations):,} authorisations for services, {len(granted.conditions):,} conditions …")
    directive = directives.launch(crew, chance=chance, today=today, at=at)
    told = visits.Visits(crew, issued, chance=chance, today=today)
    seen = told.make(made)
    if directive:
        directive.take(seen)
    say(f"{len(seen):,} visits with their answers …")
    course = Course(crew, chance=chance, today=today)
    events += visits.write(seen, crew, course)
    say(f"{len(course.findings):,} findings and {len(course.actions):,} corrective actions …")
    teams.train(crew, at=at, today=today)
    teams.send(seen, crew)
    walks = Walks(told, made, crew, chance=chance, today=today, at=at)
    walks.with_photos()
    walks.back_checks()
    if directive:
        directives.plan(directive, crew, today=today, at=at)
    desk.ask_again(crew, today=today, at=at)
    desk.draft_rulebooks(crew, at=at)
    teams.declare(made, crew, chance=chance, at=at)
    checklists = {type: book.version for type, book in told.rulebooks.items()}
    said = complaints.make(crew, checklists, chance=Chance(SEED + 3), today=today)
    asked = Applications(crew, checklists, chance=Chance(SEED + 4), today=today).make()
    say(f"{asked} applications and {len(said)} complaints …")
    say(f"{certificates.issue_missing(by=None, at=at):,} certificates …")
    planned = plan_visits(at=at).planned
    say(f"{planned:,} visits to come …")
    say(f"{len(events):,} events of the history …")
    events.sort(key=lambda event: event.occurred_at)
    AuditEvent.objects.bulk_create(events, batch_size=5000)


def check_is_demonstration() -> None:
    if not settings.DEMONSTRATION:
        raise Refused(
            "This register is no demonstration: DEMONSTRATION is not set, so no made-up facility is loaded.",
            code="no_demonstration",
        )


def check_can_load(facilities: int, provinces: dict[str, country.Province]) -> None:
    if Facility.objects.exists():
        raise Refused(
            "The register holds facilities already. The demonstration is loaded into an empty register only.",
            code="register_in_use",
        )
    taken = User.objects.filter(username__in=people.usernames(provinces.values())).values_list("username", flat=True)
    if taken:
        raise Refused(f"Somebody already has the user name “{min(taken)}”.", code="username_taken")
    if not provinces:
        raise Refused("There are no provinces yet: run `manage.py load_gazetteer` first.", code="no_gazetteer")
    if not FacilityType.objects.exists() or not ChecklistVersion.objects.published().exists():
        raise Refused(
            "There are no facility types and checklists yet: run `manage.py load_reference_data` first.",
            code="no_reference_data",
        )
    if facilities < len(provinces):
        raise Refused(f"There are {len(provinces)} provinces: ask for as many facilities or more.", code="too_few")
