"""Two years of visits: answers by chance, scores, bands, due days, findings and standings by the real rules."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from inspections import rules
from inspections.actions import standings
from inspections.models import ChecklistVersion, Ruleset, Visit
from inspections.states import (
    Answer,
    AnswerKind,
    BandCode,
    Grace,
    LicenceSeen,
    Purpose,
    Scope,
    VisitOutcome,
    VisitState,
)
from licensing.models import Licence
from portal.demonstration.chance import Chance, working_day
from portal.demonstration.findings import Course
from portal.demonstration.licences import shown
from portal.demonstration.people import SHOWN, People
from portal.demonstration.sites import Site
from registry.accounts.models import User
from registry.audit.actions import fields
from registry.audit.models import AuditEvent

YEARS = 2
STORIES = {"never": 10.0, "overdue": 10.0, "refusing": 0.4, "regular": 79.6}
QUALITIES = {0.9: 25.0, 0.68: 17.0, 0.5: 24.0, 0.3: 16.0, 0.15: 15.0, 0.03: 3.0}
"""How much of what the standard asks a facility does, and how many facilities in a hundred are so."""
HOPELESS = 0.08
"""Below this even critical items fail like any other."""
MIDDLING = 0.3
"""Visited again within months by the ruleset, so that such a facility can be long overdue."""
ON_THE_SPOT = 0.7
SCOPES = {Scope.ISOLATED: 75.0, Scope.PATTERN: 18.0, Scope.WIDESPREAD: 7.0}
REFUSALS_DAYS_AGO = (110, 62, 21)
FAILED = {VisitOutcome.CLOSED_ON_ARRIVAL: 0.6, VisitOutcome.REFUSED: 0.25, VisitOutcome.NOT_FOUND: 0.15}
UNDER_WAY = (
    *(VisitState.PLANNED, VisitState.SUBMITTED, VisitState.IN_PROGRESS, VisitState.RETURNED),
    *(VisitState.PLANNED, VisitState.SUBMITTED, VisitState.PLANNED),
)
"""What is to be done in a province, in turn; the first round is that of the province's first inspector."""
AT_THE_DOOR = {
    VisitOutcome.CLOSED_ON_ARRIVAL: "ទ្វារចាក់សោ · The door was locked",
    VisitOutcome.REFUSED: "មិនឲ្យចូល · Nobody let us in",
    VisitOutcome.NOT_FOUND: "រកមិនឃើញអាសយដ្ឋាន · Nobody there knew the address",
}
RETURNED = "សូមពិនិត្យចម្លើយអំពីឱសថឡើងវិញ · Please check the answers on medicines again"


@dataclass
class Rulebook:
    """What a visit to a facility of some type is made with."""

    version: ChecklistVersion
    ruleset: Ruleset
    structure: rules.Structure


def rulebooks() -> dict[int, Rulebook]:
    """The published checklist of each facility type, by the key of the type, with its ruleset in force."""
    rulesets = {ruleset.code: ruleset for ruleset in Ruleset.objects.published().prefetch_related("bands", "grid")}
    found: dict[int, Rulebook] = {}
    for version in ChecklistVersion.objects.published().select_related("checklist").order_by("checklist__code"):
        book = Rulebook(version, rulesets[version.checklist.ruleset_code], rules.structure(version))
        for type in version.checklist.facility_types.all():
            found.setdefault(type.pk, book)
    return found


class Visits:
    """The visits of the whole demonstration, gathered before they are written."""

    def __init__(self, people: People, licences: Sequence[Licence], *, chance: Chance, today: date) -> None:
        self.people, self.chance, self.today = people, chance, today
        self.rulebooks = rulebooks()
        self.licences: dict[int, list[Licence]] = {}
        for licence in licences:
            self.licences.setdefault(licence.facility.pk, []).append(licence)
        self.graces: dict[int, date] = {}
        """On which day each facility, by its key, was given time to renew its licence."""
        self.found: list[Visit] = []

    def make(self, sites: Sequence[Site]) -> list[Visit]:
        """All visits, not written yet. What is under way in each province comes after what is done."""
        possible = [site for site in sites if site.facility.type_id in self.rulebooks]
        working = [site for site in possible if site.works]
        stories = self.chance.deal(STORIES, len(working))
        told = {id(site): story for site, story in zip(working, stories, strict=True)}
        for site, quality in zip(possible, self.chance.deal(QUALITIES, len(possible)), strict=True):
            self.tell(site, told.get(id(site), "regular"), quality)
        by_province: dict[str, list[Site]] = {}
        for site in working:
            by_province.setdefault(site.province.area.code, []).append(site)
        for code, of_province in by_province.items():
            number = max(len(of_province) // 12, len(UNDER_WAY) if code in SHOWN else 1)
            for place, site in enumerate(self.chance.sample(of_province, min(number, len(of_province)))):
                visit = self.under_way(site, UNDER_WAY[place % len(UNDER_WAY)])
                if place < len(UNDER_WAY):
                    visit.inspector = self.people.inspectors[site.province.area.pk][0]
                    visit.submitted_by = visit.submitted_by and visit.inspector
                self.found.append(visit)
        return self.found

    def tell(self, site: Site, story: str, quality: float) -> None:
        """The approved visits of one facility."""
        if story == "never":
            return
        first = self.today - timedelta(YEARS * 365 - 15)
        if story == "refusing":
            earlier = max(self.today - timedelta(300), site.works_from + timedelta(4))
            self.found.append(self.completed(site, working_day(earlier), quality))
            self.found += [
                self.failed(site, working_day(self.today - timedelta(days)), VisitOutcome.REFUSED)
                for days in REFUSALS_DAYS_AGO
            ]
            return
        if story == "overdue":
            day, quality = self.chance.day(first, self.today - timedelta(450)), MIDDLING
        else:
            day = self.chance.day(first, self.today - timedelta(12))
        day = max(day, site.works_from + timedelta(4))
        purpose = Purpose.ROUTINE
        while day <= min(self.today - timedelta(6), site.works_until):
            if self.chance.random() < 0.04:
                self.found.append(self.failed(site, working_day(day - timedelta(3))))
            visit = self.completed(site, working_day(day), quality, purpose)
            self.found.append(visit)
            if story == "overdue" or visit.next_due_on is None:
                return
            late = self.chance.choice([-15, -10, -5, 0, 5, 12, 25, 60])
            day = max(visit.next_due_on, day + timedelta(20)) + timedelta(late)
            low = visit.band in (BandCode.NON_COMPLIANT, BandCode.MINIMALLY_COMPLIANT)
            purpose = Purpose.FOLLOW_UP if low else Purpose.ROUTINE
            quality = min(0.97, quality + self.chance.choice([-0.06, 0, 0.03, 0.08]))

    def visit(self, site: Site, day: date, *, state: str, inspector: User | None = None, ahead: int = 0) -> Visit:
        """A visit that was planned some days before `day`."""
        book, province = self.rulebooks[site.facility.type_id], site.province.area.pk
        planned = self.chance.moment(max(site.works_from, day - timedelta(ahead or self.chance.randint(4, 18))))
        return Visit(
            uuid=UUID(int=self.chance.getrandbits(128), version=4),
            facility=site.facility,
            state=state,
            checklist_version=book.version,
            ruleset=book.ruleset,
            inspector=inspector or self.chance.choice(self.people.inspectors[province]),
            planned_on=working_day(day),
            announced=self.chance.random() < 0.3,
            facility_type="" if state == VisitState.PLANNED else site.facility.type.code,
            facility_level="" if state == VisitState.PLANNED else site.facility.type.level,
            services=site.services,
            created_at=planned,
        )

    def completed(self, site: Site, day: date, quality: float, purpose: str = Purpose.ROUTINE) -> Visit:
        """An approved visit that counts."""
        visit = self.handed_in(site, day, quality, state=VisitState.APPROVED)
        visit.purpose = purpose
        self.decide(visit, site, day)
        given_on = self.graces.get(site.facility.pk)
        visit.grace = rules.grace(visit.licence_seen, visit.ruleset, visited_on=day, given_on=given_on)
        if visit.grace == Grace.GIVEN:
            self.graces.setdefault(site.facility.pk, day)
        result = rules.result(visit, self.rulebooks[site.facility.type_id].structure, visited_on=day)
        visit.score, visit.band, visit.next_due_on = result.percent, result.band_code, result.next_due_on
        visit.section_scores, visit.failed_critical = result.section_scores, result.failed_critical
        return visit

    def failed(self, site: Site, day: date, outcome: VisitOutcome | None = None) -> Visit:
        """An approved visit on which nothing could be inspected."""
        visit = self.handed_in(site, day, 0, state=VisitState.APPROVED)
        outcome = outcome or self.chance.choices(list(FAILED), list(FAILED.values()))[0]
        visit.outcome, visit.note = outcome, AT_THE_DOOR[outcome]
        visit.answers, visit.licence_seen = {}, ""
        self.decide(visit, site, day)
        return visit

    def handed_in(self, site: Site, day: date, quality: float, *, state: str) -> Visit:
        visit = self.visit(site, day, state=state)
        visit.visited_on, visit.outcome = day, VisitOutcome.COMPLETED
        visit.started_at = self.chance.moment(day)
        visit.submitted_at = visit.started_at + timedelta(minutes=self.chance.randint(50, 170))
        visit.submitted_by = visit.inspector
        visit.answers = self.answers(site, quality)
        visit.licence_seen = self.licence_seen(site, day)
        visit.revision = self.chance.randint(3, 9)
        return visit

    def decide(self, visit: Visit, site: Site, day: date) -> None:
        """Two or three days after `day`."""
        visit.decided_by = self.people.decider(site.province.area.pk, self.chance)
        visit.decided_at = self.chance.moment(day) + timedelta(days=self.chance.randint(2, 3))

    def under_way(self, site: Site, state: str) -> Visit:
        """A visit that somebody still has to do something about."""
        if state == VisitState.PLANNED:
            return self.visit(site, self.today + timedelta(self.chance.randint(-2, 12)), state=state, ahead=15)
        if state == VisitState.IN_PROGRESS:
            visit = self.visit(site, self.today, state=state)
            visit.started_at = self.chance.moment(self.today - timedelta(1))
            answers = self.answers(site, 0.8)
            visit.answers = dict(list(answers.items())[: len(answers) * 2 // 3])
            return visit
        visit = self.handed_in(site, working_day(self.today - timedelta(self.chance.randint(4, 8))), 0.75, state=state)
        if state == VisitState.RETURNED:
            self.decide(visit, site, self.today - timedelta(4))
            visit.reason = RETURNED
        return visit

    def answers(self, site: Site, quality: float) -> dict[str, dict[str, str]]:
        """An answer to every item that is asked there. Critical items fail less often than others."""
        found = {}
        for section, items in rules.applicable(
            self.rulebooks[site.facility.type_id].structure,
            rules.Setting(site.facility.type.code, site.facility.type.level, frozenset(site.services)),
            {},
        ):
            for item in items:
                key = rules.key(section, item)
                if item.kind == AnswerKind.COMPLIANCE:
                    found[key] = self.weighed({"answer": self.answer(quality, critical=item.critical)})
                elif item.kind != AnswerKind.TEXT:
                    found[key] = {"value": str(self.chance.randint(5, 400))}
        return found

    def answer(self, quality: float, *, critical: bool) -> str:
        missing = (1 - quality) * (0.12 if critical and quality > HOPELESS else 1)
        roll = self.chance.random()
        if roll < missing * 0.75:
            return Answer.NO.value
        if roll < missing:
            return Answer.PARTIAL.value if quality > HOPELESS else Answer.NO.value
        return Answer.NOT_APPLICABLE.value if self.chance.random() < 0.03 and not critical else Answer.YES.value

    def weighed(self, given: dict[str, str]) -> dict[str, str]:
        """With how far a fault goes, and whether it was put right while the inspector was there."""
        if given["answer"] in (Answer.NO, Answer.PARTIAL):
            if self.chance.random() < ON_THE_SPOT:
                given["corrected"] = "yes"
            if (scope := self.chance.choices(list(SCOPES), list(SCOPES.values()))[0]) > Scope.ISOLATED:
                given["scope"] = str(int(scope))
        return given

    def licence_seen(self, site: Site, day: date) -> str:
        if not site.facility.type.licence_needed:
            return LicenceSeen.NOT_NEEDED
        licence = shown(self.licences.get(site.facility.pk, []), day)
        if licence is None or (licence.ended_on is not None and licence.ended_on <= day):
            return LicenceSeen.NONE
        return LicenceSeen.VALID if licence.valid_until >= day else LicenceSeen.EXPIRED


def write(visits: Sequence[Visit], people: People, course: Course) -> list[AuditEvent]:
    """Visits, what they found and standings; returns the events to be written."""
    done = [visit for visit in visits if visit.state == VisitState.APPROVED]
    counting = [visit for visit in done if visit.outcome == VisitOutcome.COMPLETED]
    Visit.objects.bulk_create(done, batch_size=1000)
    course.take(counting)
    events = course.write()
    under_way = [visit for visit in visits if visit.state != VisitState.APPROVED]
    course.carry(visit for visit in under_way if visit.started_at)
    Visit.objects.bulk_create(under_way, batch_size=1000)
    standings.refresh({visit.facility_id for visit in counting})
    return events + [event for visit in visits for event in _events(visit, people)]


def _events(visit: Visit, people: People) -> list[AuditEvent]:
    day = visit.visited_on and visit.visited_on.isoformat()
    manager = people.managers[visit.facility.province_id or 0]
    inspector = visit.inspector
    planned: dict[str, object] = {
        "planned_on": visit.planned_on and visit.planned_on.isoformat(),
        "inspector": inspector.get_username() if inspector else "",
        "purpose": visit.purpose,
    }
    steps: list[tuple[str, User | None, datetime | None, str, dict[str, object]]] = [
        ("visit.planned", manager, visit.created_at, "", planned),
        ("visit.started", inspector, visit.started_at, "", {"services": visit.services}),
        ("visit.submitted", inspector, visit.submitted_at, "", {"visited_on": day, "outcome": visit.outcome}),
    ]
    if visit.state == VisitState.RETURNED:
        steps.append(("visit.returned", visit.decided_by, visit.decided_at, visit.reason, {}))
    elif visit.state == VisitState.APPROVED:
        facts: dict[str, object] = {
            "outcome": visit.outcome,
            "score": None if visit.score is None else str(visit.score),
            "band": visit.band,
            "next_due_on": visit.next_due_on and visit.next_due_on.isoformat(),
        }
        steps.append(("visit.approved", visit.decided_by, visit.decided_at, "", facts))
    return [
        AuditEvent(**fields(verb=verb, subject=visit, by=by, at=at, reason=reason, facts=facts))
        for verb, by, at, reason, facts in steps
        if at is not None
    ]
