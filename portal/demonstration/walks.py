"""Visits made step by step, as people make them: with photos and signatures, and as back-checks of others."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from inspections import rules
from inspections.actions import back_checks, photos, signatures, visits
from inspections.models import BackCheck, ChecklistVersion, Visit
from inspections.policies.back_checks import knows_result
from inspections.states import Answer, Mended, Purpose, VisitOutcome, VisitState
from portal.demonstration.chance import Chance, working_day
from portal.demonstration.people import SHOWN, People
from portal.demonstration.pictures import a_photo, a_signature
from portal.demonstration.sites import Site
from portal.demonstration.visits import Visits
from registry.accounts.models import User

WAITING_DAYS_AGO, APPROVED_DAYS_AGO, DRAWN_DAYS_AGO = 3, 13, 45
DRAWN_FROM_DAYS_AGO, DRAWN_UNTIL_DAYS_AGO = 110, 50
DRAWN_PERCENT = Decimal(15)
REPEATED, TO_REPEAT = 3, 1
"""So many repeats in each province whose accounts are named are decided, and so many planned."""
SEEN_OTHERWISE = 0.12
AMENDED = "ចម្លើយមួយត្រូវបានកត់ខុស · One answer was noted down wrongly"
OWNER, POSITION = "សុខ ដារ៉ា · Sok Dara", "ម្ចាស់ · Owner"


class Walks:
    """Through the same actions as in a browser, at moments gone by."""

    def __init__(
        self, made: Visits, sites: Sequence[Site], people: People, *, chance: Chance, today: date, at: datetime
    ) -> None:
        self.made, self.people, self.chance, self.today, self.at = made, people, chance, today, at
        self.sites = {site.facility.pk: site for site in sites}
        self.busy = {visit.facility_id for visit in made.found if visit.state != VisitState.APPROVED}

    def with_photos(self) -> None:
        """In each province whose accounts are named: a visit to approve, and an approved one that is being amended."""
        for province in SHOWN:
            free = [site for site in self.sites.values() if self._is_free(site) and site.province.area.code == province]
            for site, days_ago in zip(free, (WAITING_DAYS_AGO, APPROVED_DAYS_AGO), strict=False):
                visit = self._planned(site, working_day(self.today - timedelta(days_ago)))
                visit = self.walk(visit, self.made.answers(site, 0.7), pictures=3)
                self.busy.add(site.facility.pk)
                if days_ago == APPROVED_DAYS_AGO:
                    visit = self._approve(visit)
                    visits.amend(visit=visit, reason=AMENDED, by=_lead(visit), at=self.at - timedelta(1))

    def back_checks(self) -> None:
        """A round drawn some weeks ago: in the named provinces some repeats are decided and others to come."""
        first = self.today - timedelta(DRAWN_FROM_DAYS_AGO)
        last = self.today - timedelta(DRAWN_UNTIL_DAYS_AGO)
        if not back_checks.population(first, last).exists():
            return
        drawn_on = self.today - timedelta(DRAWN_DAYS_AGO)
        drawn = back_checks.draw(
            from_on=first,
            until_on=last,
            percent=DRAWN_PERCENT,
            seed=int(drawn_on.strftime("%Y%m%d")),
            by=self.people["approver"],
            at=self.chance.moment(drawn_on),
        )
        checks = drawn.checks.select_related("original__facility", "original__inspector").order_by("pk")
        able = {check.original.facility_id: (check, other) for check in checks if (other := self._other(check))}
        pairs = list(able.values())
        places = {site.province.area.code: site.province.area.pk for site in self.sites.values()}
        named = [[pair for pair in pairs if self._province(pair[0].original) == places.get(code)] for code in SHOWN]
        for here in named if any(named) else [pairs]:
            for check, other in here[:REPEATED]:
                day = self.chance.day(drawn_on + timedelta(4), self.today - timedelta(8))
                repeat = self._assigned(check, other, working_day(day), at=self.chance.moment(drawn_on))
                self._approve(self.walk(repeat, self._otherwise(check.original.answers), pictures=0))
            for check, other in here[REPEATED : REPEATED + TO_REPEAT]:
                self._assigned(check, other, self.today + timedelta(5), at=self.at)

    def walk(self, visit: Visit, answers: Mapping[str, Any], *, pictures: int) -> Visit:
        """From the statement of interests to handing in, on the day for which it is planned."""
        at, lead = self.chance.moment(visit.planned_on or self.today), _lead(visit)
        team = [member.person for member in visit.members.select_related("person")]
        for person in team:
            visits.state_no_interest(visit=visit, by=person, at=at - timedelta(hours=1))
        visit = visits.start(visit=visit, by=lead, at=at)
        place: Any = visit.facility.point
        near: dict[str, Any] = {
            "latitude": place[0] + Decimal("0.0002"),
            "longitude": place[1],
            "accuracy_m": self.chance.randint(6, 30),
        }
        visit = visits.arrive(visit=visit, **near, by=lead, at=at + timedelta(minutes=2))
        for number, item in zip(range(pictures), ["", *answers], strict=False):
            taken_at = at + timedelta(minutes=10 * (number + 1))
            place, upload = (near["latitude"], near["longitude"]), a_photo(f"{visit.facility.number} {number + 1}")
            photos.add(visit=visit, upload=upload, item_code=item, taken_at=taken_at, place=place, by=lead, at=taken_at)
        mended = {rules.CARRIED + key: {"mended": self._mended()} for key in visit.carried}
        done = at + timedelta(minutes=self.chance.randint(50, 120))
        visit = visits.save_draft(visit=visit, answers={**answers, **mended}, revision=visit.revision, by=lead, at=done)
        site, day = self.sites[visit.facility_id], visit.planned_on or self.today
        said: dict[str, Any] = {
            "visited_on": day,
            "outcome": VisitOutcome.COMPLETED,
            "licence_seen": self.made.licence_seen(site, day),
        }
        visit = visits.conclude(visit=visit, **said, by=lead, at=done)
        signatures.sign_for_facility(
            visit=visit, name=OWNER, position=POSITION, upload=a_signature(OWNER), by=lead, at=done
        )
        for person in team:
            name = person.get_username()
            signatures.sign_as_inspector(visit=visit, person=person, upload=a_signature(name), by=person, at=done)
        return visits.submit(visit=visit, **said, by=lead, at=done + timedelta(minutes=5))

    def _planned(self, site: Site, day: date) -> Visit:
        first, *others = self.people.inspectors[site.province.area.pk]
        version: ChecklistVersion = self.made.rulebooks[site.facility.type_id].version
        return visits.plan(
            facility=site.facility,
            inspector=first,
            members=dict.fromkeys(others, ()),
            checklist_version=version,
            planned_on=day,
            purpose=Purpose.ROUTINE,
            by=self.people.managers[site.province.area.pk],
            at=self.chance.moment(day - timedelta(6)),
        )

    def _assigned(self, check: BackCheck, other: User, day: date, *, at: datetime) -> Visit:
        self.busy.add(check.original.facility_id)
        return back_checks.assign(check=check, inspector=other, planned_on=day, by=self.people["approver"], at=at)

    def _approve(self, visit: Visit) -> Visit:
        at = self.chance.moment(visit.visited_on or self.today) + timedelta(days=2)
        return visits.approve(visit=visit, by=self.people.managers[self._province(visit)], at=at)

    def _other(self, check: BackCheck) -> User | None:
        original = check.original
        if original.facility_id in self.busy:
            return None
        others = (p for p in self.people.inspectors[self._province(original)] if p != original.inspector)
        return next((person for person in others if not knows_result(original, person)), None)

    def _otherwise(self, answers: Mapping[str, Any]) -> dict[str, Any]:
        """The answers of another pair of eyes."""
        other = {Answer.YES: Answer.NO, Answer.NO: Answer.YES, Answer.PARTIAL: Answer.NO}
        return {
            key: {"answer": str(other[given["answer"]])}
            if given.get("answer") in other and self.chance.random() < SEEN_OTHERWISE
            else given
            for key, given in answers.items()
        }

    def _mended(self) -> str:
        return str(Mended.YES if self.chance.random() < 0.6 else Mended.NO)

    def _is_free(self, site: Site) -> bool:
        return site.works and site.facility.type_id in self.made.rulebooks and site.facility.pk not in self.busy

    def _province(self, visit: Visit) -> int:
        return visit.facility.province_id or 0


def _lead(visit: Visit) -> User:
    if visit.inspector is None:
        raise ValueError(f"nobody leads {visit}")
    return visit.inspector
