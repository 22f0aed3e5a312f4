"""Every list of the API: its address, how to make a thing of it in a province, and what it costs."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from enforcement.models import Flag, SweepRun
from enforcement.states import EscalationLevel, FlagSeverity, SweepState
from inspections.models import Campaign, CampaignAcknowledgement, Competence, Finding
from inspections.states import CampaignState, Scope, Severity
from registry.accounts.states import Role
from registry.areas.models import Area, OperationalDistrict
from registry.areas.states import AreaLevel
from registry.models import FacilityIdentifier, FacilityService
from tests.factories import (
    NOW,
    TODAY,
    a_checklist_version,
    a_corrective_action,
    a_facility,
    a_facility_type,
    a_finding,
    a_licence,
    a_ruleset,
    a_service,
    a_user,
    an_approved_visit,
    an_authorisation,
    an_operator,
    counter,
)
from tests.factories_applying import a_draft
from tests.factories_people import a_practitioner


@dataclass(frozen=True)
class Resource:
    """`make` gives a thing of `province` and the number by which it is looked up; `queries` are those of its list."""

    path: str
    make: Callable[[Area], str]
    queries: int
    scoped: bool = True

    @property
    def address(self) -> str:
        return f"/api/v1/{self.path}/"


def facility(province: Area) -> str:
    made = a_facility(province=province, name_km="គ្លីនិក", beds=12, latitude=11.5, longitude=104.9, phone="012")
    for code in ("surgery", "laboratory"):
        FacilityService.objects.create(facility=made, service=a_service(code), declared_on=TODAY)
    FacilityService.objects.create(facility=made, service=a_service("dialysis"), declared_on=TODAY, withdrawn_on=TODAY)
    FacilityIdentifier.objects.create(facility=made, system="hmis", value=made.number)
    an_approved_visit(made, visited_on=TODAY, next_due_on=TODAY + timedelta(days=365))
    return made.number


def visit(province: Area) -> str:
    place = a_facility(province=province)
    made = an_approved_visit(place, visited_on=TODAY, next_due_on=TODAY + timedelta(days=365), score=71.5)
    for clause in ("2.1", "2.2"):
        Finding.objects.create(
            visit=made,
            facility=place,
            clause=clause,
            text="No soap.",
            severity=Severity.POTENTIAL,
            scope=Scope.PATTERN,
            recorded_at=NOW,
        )
    return str(made.uuid)


def finding(province: Area) -> str:
    return str(a_finding(a_facility(province=province)).pk)


def corrective_action(province: Area) -> str:
    return str(a_corrective_action(a_facility(province=province), due_on=TODAY).pk)


def standing(province: Area) -> str:
    place = a_facility(province=province)
    an_approved_visit(place, visited_on=TODAY, next_due_on=TODAY + timedelta(days=365))
    return place.number


def campaign(province: Area) -> str:
    made = Campaign.objects.create(
        code=f"campaign-{next(counter)}",
        name_km="យុទ្ធនាការ",
        name_en="Campaign",
        letter_number="12",
        letter_on=TODAY,
        text="Inspect.",
        checklist=a_checklist_version().checklist,
        begins_on=TODAY,
        deadline=TODAY,
        created_at=NOW,
        state=CampaignState.RUNNING,
        launched_at=NOW,
        launched_by=a_user(),
    )
    CampaignAcknowledgement.objects.create(campaign=made, province=province)
    return made.code


def competence(province: Area) -> str:
    made = Competence.objects.create(
        person=a_user(Role.INSPECTOR, province=province),
        checklist=a_checklist_version().checklist,
        valid_from=TODAY,
        valid_until=TODAY,
        basis="Letter",
        recorded_at=NOW,
    )
    return str(made.pk)


def checklist_version(province: Area) -> str:
    return str(a_checklist_version().pk)


def ruleset(province: Area) -> str:
    return str(a_ruleset(f"ruleset-{next(counter)}", correction_days=5).pk)


def authorisation(province: Area) -> str:
    grant = an_authorisation(a_facility(province=province), valid_from=TODAY, valid_until=TODAY)
    return grant.number


def licence(province: Area) -> str:
    number = f"១២/{next(counter)}"
    a_licence(a_facility(province=province), number=number, valid_from=TODAY, valid_until=TODAY)
    return number


def application(province: Area) -> str:
    officer, operator = a_user(Role.LICENSING_OFFICER), an_operator()
    site = a_facility(province=province, operator=operator)
    return str(a_draft(officer, operator=operator, facility=site).number)


def sweep_run(province: Area) -> str:
    counts = {"never_inspected": {"raised": 1, "cleared": 0, "escalated": 0, "open": 1}}
    made = SweepRun.objects.create(
        as_of=TODAY,
        rules=["never_inspected"],
        started_by="test",
        state=SweepState.COMPLETED,
        started_at=NOW,
        finished_at=NOW,
        counts=counts,
    )
    return str(made.pk)


def flag(province: Area) -> str:
    made = Flag.objects.create(
        rule="never_inspected",
        facility=a_facility(province=province),
        severity=FlagSeverity.WARNING,
        facts={"operating_since": None},
        raised_on=TODAY,
        raised_by_id=sweep_run(province),
        level=EscalationLevel.PROVINCE,
    )
    return str(made.pk)


def practitioner(province: Area) -> str:
    return str(a_practitioner(name_km="សុខ ដារ៉ា").pk)


def facility_type(province: Area) -> str:
    return a_facility_type(f"type-{next(counter)}", beds_from=10, beds_below=20).code


def service(province: Area) -> str:
    return a_service(f"service-{next(counter)}").code


def district(province: Area) -> str:
    made = Area.objects.create(
        code=f"{province.code}{next(counter) % 90 + 10}",
        level=AreaLevel.DISTRICT,
        parent=province,
        province=province,
        name_km="ខណ្ឌ",
        name_en="Khan",
        kind_km="ខណ្ឌ",
        kind_en="Khan",
        search_key="khan",
        sort_key="khan",
        source="test",
    )
    return made.code


def operational_district(province: Area) -> str:
    made = OperationalDistrict.objects.create(
        code=f"OD{next(counter)}", name_km="ស្រុក", name_en="District", province=province
    )
    return made.code


RESOURCES = (
    Resource("facilities", facility, queries=3),
    Resource("visits", visit, queries=2),
    Resource("findings", finding, queries=1),
    Resource("corrective-actions", corrective_action, queries=1),
    Resource("standings", standing, queries=1),
    Resource("campaigns", campaign, queries=1),
    Resource("competences", competence, queries=1),
    Resource("checklist-versions", checklist_version, queries=3, scoped=False),
    Resource("rulesets", ruleset, queries=3, scoped=False),
    Resource("applications", application, queries=2),
    Resource("licences", licence, queries=1),
    Resource("service-authorisations", authorisation, queries=1),
    Resource("flags", flag, queries=1),
    Resource("sweep-runs", sweep_run, queries=1, scoped=False),
    Resource("practitioners", practitioner, queries=1, scoped=False),
    Resource("facility-types", facility_type, queries=1, scoped=False),
    Resource("services", service, queries=1, scoped=False),
    Resource("areas", district, queries=1, scoped=False),
    Resource("operational-districts", operational_district, queries=1, scoped=False),
)


def answer_of(thing: dict[str, Any]) -> str:
    """The number under which a row of a list is looked up."""
    return str(next(thing[name] for name in ("uuid", "number", "id", "code", "facility") if name in thing))
