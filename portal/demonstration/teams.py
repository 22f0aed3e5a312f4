"""Who goes on the visits under way, what the inspectors were taught, and one who has an interest."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from inspections.actions import competences
from inspections.models import Checklist, ChecklistVersion, Visit, VisitMember
from inspections.states import VisitState
from portal.demonstration.chance import Chance
from portal.demonstration.country import CAPITAL
from portal.demonstration.people import People
from portal.demonstration.sites import Site
from registry.actions import interests

BEGUN = (VisitState.IN_PROGRESS, VisitState.RETURNED)
COURSE_MONTHS = 24
FORGETFUL = 7
"""One inspector in so many was taught so long ago that the competence is over."""


def train(people: People, *, at: datetime, today: date) -> None:
    """Every inspector was taught the checklists: most of them within the last two years, some before."""
    taught = Checklist.objects.filter(versions__in=ChecklistVersion.objects.published()).distinct()
    course = competences.add_course(
        code="joint-inspection",
        name_km="វគ្គបណ្តុះបណ្តាលអធិការកិច្ច",
        name_en="Training in inspection",
        checklists=list(taught),
        valid_months=COURSE_MONTHS,
        by=people["admin"],
        at=at,
    )
    for number, province in enumerate(people.inspectors):
        months_ago = COURSE_MONTHS + 2 if number % FORGETFUL == FORGETFUL - 1 else 3 + number % (COURSE_MONTHS - 3)
        competences.record_training(
            course=course,
            held_on=today - timedelta(30 * months_ago),
            province=people.inspectors[province][0].province,
            place="មន្ទីរសុខាភិបាលខេត្ត · Provincial Health Department",
            trainer="នាយកដ្ឋានសេវាមន្ទីរពេទ្យ · Department of Hospital Services",
            participants=people.inspectors[province],
            by=people["admin"],
            at=at,
        )


def send(visits: Sequence[Visit], people: People) -> None:
    """Each visit under way has its inspector in its team, who has stated to have no interest once it is begun.

    On every second planned one a colleague goes along and answers the first section.
    """
    members = []
    for number, visit in enumerate(visits):
        if visit.inspector is None or visit.state not in (VisitState.PLANNED, *BEGUN):
            continue
        members.append(VisitMember(visit=visit, person=visit.inspector, stated_at=visit.started_at))
        others = [p for p in people.inspectors[visit.facility.province_id or 0] if p != visit.inspector]
        if visit.state == VisitState.PLANNED and number % 2 and others:
            first = visit.checklist_version and visit.checklist_version.sections.order_by("position").first()
            members.append(VisitMember(visit=visit, person=others[0], sections=[first.code] if first else []))
    VisitMember.objects.bulk_create(members)


def declare(sites: Sequence[Site], people: People, *, chance: Chance, at: datetime) -> None:
    """The second inspector of the capital has an interest in a facility there that nobody is about to visit."""
    of_capital = [site for site in sites if site.province.area.code == CAPITAL]
    visited = set(Visit.objects.open().values_list("facility", flat=True))
    free = [site.facility for site in of_capital if site.works and site.facility.pk not in visited]
    if free:
        person = people.inspectors[of_capital[0].province.area.pk][-1]
        nature = "បងប្អូនបង្កើតធ្វើការនៅទីនេះ · A sister works here"
        interests.declare(person=person, facility=chance.choice(free), nature=nature, by=person, at=at)
