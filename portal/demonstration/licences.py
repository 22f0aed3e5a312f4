"""Three years of licences: in force, ending soon, expired, revoked, given back, waiting, rejected, never asked for."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from django.utils.timezone import make_aware

from licensing.models import Licence, LicenceType
from licensing.policies import last_day_allowed
from licensing.states import ONCE_IN_FORCE, LicenceState
from portal.demonstration.chance import Chance
from portal.demonstration.people import People
from portal.demonstration.sites import Site
from registry.audit.actions import fields
from registry.audit.models import AuditEvent
from registry.core.dates import add_months
from registry.states import OperationalStatus

STORIES = {
    "in_force": 75.5,
    "ending": 7.0,
    "renewal": 2.0,
    "expired": 8.0,
    "revoked": 1.5,
    "surrendered": 0.5,
    "waiting": 1.5,
    "rejected": 0.5,
    "never": 3.5,
}
NEW = {"in_force": 90.0, "waiting": 5.0, "never": 5.0}
ENDED = {"revoked": LicenceState.REVOKED, "surrendered": LicenceState.SURRENDERED}
REASONS = {
    "revoked": "វះកាត់ដោយគ្មានការអនុញ្ញាត · Surgery without an authorisation",
    "surrendered": "ម្ចាស់ប្រគល់អាជ្ញាប័ណ្ណវិញ · Given back by the owner",
    "rejected": "ឯកសារមិនគ្រប់គ្រាន់ · Papers are missing",
}
YEARS = 3


def make(sites: Sequence[Site], people: People, *, chance: Chance, today: date) -> list[Licence]:
    """The licences of the facilities that need one, not written yet, each facility's in order."""
    types = {
        facility_type.pk: type
        for type in LicenceType.objects.prefetch_related("facility_types", "terms")
        for facility_type in type.facility_types.all()
    }
    asked = [site for site in sites if site.facility.type_id in types and not site.branch]
    stories: dict[int, str] = {id(site): "in_force" if site.branch == 1 else "never" for site in sites}
    for group, weights in ((False, STORIES), (True, NEW)):
        working = [site for site in asked if site.works and site.new == group]
        stories |= {id(s): story for s, story in zip(working, chance.deal(weights, len(working)), strict=True)}
    stories |= {id(site): chance.choice(["in_force", "expired"]) for site in asked if not site.works and not site.new}
    suspected = OperationalStatus.SUSPECTED_UNLICENSED
    return [
        licence
        for site in sites
        if site.facility.type_id in types and site.facility.operational_status != suspected
        for licence in Licences(site, types[site.facility.type_id], people, chance, today).tell(stories[id(site)])
    ]


class Licences:
    """The licences of one facility, by the story that is told about it."""

    def __init__(self, site: Site, type: LicenceType, people: People, chance: Chance, today: date) -> None:
        self.site, self.type, self.people, self.chance, self.today = site, type, people, chance, today
        self.terms = type.terms.all()[0]
        self.months = self.terms.validity_months

    def tell(self, story: str) -> list[Licence]:
        if story == "never":
            return []
        if story in ("waiting", "rejected"):
            state = LicenceState.RECORDED if story == "waiting" else LicenceState.REJECTED
            first = self.today + timedelta(self.chance.randint(5, 40))
            return [self.licence(first, state=state, reason=REASONS.get(story, ""))]
        first, ended_on = self.last_period(story)
        state = ENDED.get(story, LicenceState.ISSUED)
        last = self.licence(first, state=state, ended_on=ended_on, reason=REASONS.get(story, ""))
        found = [*self.before(first), last]
        if story == "renewal":
            found.append(self.licence(last.valid_until + timedelta(1), state=LicenceState.RECORDED))
        return found

    def last_period(self, story: str) -> tuple[date, date | None]:
        """The first day of the facility's last licence, and the first day without it where it ended early."""
        days, ended_on = self.months * 30, None
        match story:
            case "ending":
                until = self.today + timedelta(self.chance.randint(2, 88))
            case "renewal":
                until = self.today + timedelta(self.chance.randint(5, 45))
            case "expired":
                until = self.today - timedelta(self.chance.randint(2, 400))
            case "revoked" | "surrendered":
                ended_on = self.today - timedelta(self.chance.randint(5, 300))
                until = ended_on + timedelta(self.chance.randint(60, days - 60))
            case _:
                until = self.today + timedelta(self.chance.randint(95, days - 30))
        first = add_months(until + timedelta(1), -self.months)
        return max(first, self.site.works_from + timedelta(9)) if self.site.new else first, ended_on

    def before(self, first: date) -> list[Licence]:
        """The licence before the last one, where the last one began within the years that are told of."""
        if self.site.new or first < self.today - timedelta(365 * YEARS):
            return []
        return [self.licence(add_months(first, -self.months), last_day=first - timedelta(1))]

    def licence(
        self,
        valid_from: date,
        *,
        state: LicenceState = LicenceState.ISSUED,
        last_day: date | None = None,
        ended_on: date | None = None,
        reason: str = "",
    ) -> Licence:
        began = self.site.works_from + timedelta(3)
        asked_on = max(began, min(valid_from, self.today) - timedelta(self.chance.randint(8, 20)))
        waits = state == LicenceState.RECORDED
        valid_until = last_day or last_day_allowed(self.terms, valid_from)
        if state == LicenceState.ISSUED and valid_until < self.today:
            state = LicenceState.EXPIRED
        decided_on = min(asked_on + timedelta(self.chance.randint(1, 6)), self.today - timedelta(3))
        return Licence(
            facility=self.site.facility,
            type=self.type,
            state=state,
            valid_from=valid_from,
            valid_until=valid_until,
            ended_on=ended_on,
            reason=reason,
            recorded_at=self.chance.moment(asked_on),
            recorded_by=self.people["officer"],
            decided_at=None if waits else self.chance.moment(decided_on) + timedelta(hours=10),
            decided_by=None if waits else self.people["approver"],
        )


def write(licences: Sequence[Licence], *, chance: Chance) -> list[AuditEvent]:
    """The licences, numbered in the order of their recording; returns the events to be written."""
    for number, licence in enumerate(sorted(licences, key=lambda licence: licence.recorded_at), 1):
        licence.number = f"DEMO-{licence.recorded_at.year}-{number:05}"
    Licence.objects.bulk_create(licences, batch_size=2000)
    return [event for licence in licences for event in _events(licence, chance)]


def _events(licence: Licence, chance: Chance) -> list[AuditEvent]:
    facts = {"type": licence.type.code, "valid_from": str(licence.valid_from), "valid_until": str(licence.valid_until)}
    steps = [("licence.recorded", licence.recorded_by, licence.recorded_at, "", facts)]
    if licence.decided_at:
        rejected = licence.state == LicenceState.REJECTED
        verb = "licence.rejected" if rejected else "licence.approved"
        steps.append((verb, licence.decided_by, licence.decided_at, licence.reason if rejected else "", facts))
    if licence.ended_on:
        at: datetime = chance.moment(licence.ended_on - timedelta(3))
        verb, facts = f"licence.{licence.state}", {"ended_on": str(licence.ended_on)}
        steps.append((verb, licence.decided_by, at, licence.reason, facts))
    if licence.state == LicenceState.EXPIRED:
        night = make_aware(datetime.combine(licence.valid_until + timedelta(1), time(0, 10)))
        steps.append(("licence.expired", None, night, "", {"last_day": str(licence.valid_until)}))
    return [
        AuditEvent(**fields(verb=verb, subject=licence, by=by, at=at, reason=reason, facts=facts))
        for verb, by, at, reason, facts in steps
    ]


def shown(licences: Sequence[Licence], on: date) -> Licence | None:
    """The last licence of one facility that had begun by that day."""
    begun = [licence for licence in licences if licence.state in ONCE_IN_FORCE and licence.valid_from <= on]
    return begun[-1] if begun else None
