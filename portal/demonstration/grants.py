"""What hangs on the licences: authorisations for services, a suspended clinic and a suspended service, conditions."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from licensing.models import Condition, Grant, Licence, ServiceAuthorisation, Suspension
from licensing.states import ConditionState, LicenceState
from portal.demonstration.chance import Chance
from portal.demonstration.people import People
from portal.demonstration.sites import Site
from registry.audit.actions import fields
from registry.audit.models import AuditEvent
from registry.models import Service

AUTHORISED = 0.93
"""The share of services that need an authorisation and have one."""

BOUND, SUSPENDED = 40, 400
"""One licence of so many is bound by a condition, one of so many is suspended."""

GROUNDS = "គ្មានគ្រូពេទ្យវះកាត់ដែលមានអាជ្ញាប័ណ្ណ · No surgeon who may practise"
DANGER = "ការមិនគោរពបទដ្ឋានអនាម័យ · Hygiene put patients in danger"
CONDITIONS = (
    "ច្រកចេញទីពីរ · A second exit is built",
    "ម៉ាស៊ីនភ្លើងបម្រុង · A generator stands ready",
    "កន្លែងទុកសំណល់វេជ្ជសាស្ត្រ · Medical waste is kept apart",
)


class Grants:
    """What is granted to, suspended for and asked of the facilities with a licence in force."""

    def __init__(self, people: People, *, chance: Chance, today: date) -> None:
        self.people, self.chance, self.today = people, chance, today
        self.authorisations: list[ServiceAuthorisation] = []
        self.suspensions: list[Suspension] = []
        self.conditions: list[Condition] = []
        self.events: list[AuditEvent] = []

    def make(self, sites: Sequence[Site], licences: Sequence[Licence]) -> None:
        """Written at once; the licences are in the register already."""
        needing = {service.code: service for service in Service.objects.filter(needs_authorisation=True)}
        in_force = {licence.facility_id: licence for licence in licences if licence.holds(self.today)}
        held = [site for site in sites if site.facility.pk in in_force and site.works]
        for site in held:
            licence = in_force[site.facility.pk]
            for code in sorted(needing.keys() & set(site.services)):
                if site.branch or self.chance.random() < AUTHORISED:
                    self.authorise(site, licence, needing[code])
        ordinary = [in_force[site.facility.pk] for site in held if not site.branch]
        self.suspend(ordinary[:: max(1, min(SUSPENDED, len(ordinary)))], DANGER)
        cosmetic = [g for g in self.authorisations if g.service.code == "cosmetic_surgery"]
        branch = {site.facility.pk for site in held if site.branch == 1}
        cosmetic.sort(key=lambda grant: grant.facility_id not in branch)
        ServiceAuthorisation.objects.bulk_create(self.authorisations, batch_size=2000)
        self.suspend(cosmetic[:1], GROUNDS)
        for number, licence in enumerate(ordinary[1 :: max(1, min(BOUND, len(ordinary) // 4))]):
            self.bind(licence, is_met=number % 2 == 1)
        Suspension.objects.bulk_create(self.suspensions)
        Condition.objects.bulk_create(self.conditions)

    def authorise(self, site: Site, licence: Licence, service: Service) -> None:
        number = len(self.authorisations) + 1
        grant = ServiceAuthorisation(
            facility=site.facility,
            service=service,
            number=f"DEMO-S-{number:05}",
            state=LicenceState.ISSUED,
            valid_from=licence.valid_from,
            valid_until=licence.valid_until,
            recorded_at=licence.recorded_at,
            recorded_by=licence.recorded_by,
            decided_at=licence.decided_at,
            decided_by=licence.decided_by,
        )
        self.authorisations.append(grant)
        known = {"service": service.code, "valid_from": str(grant.valid_from), "valid_until": str(grant.valid_until)}
        self.record(grant, "recorded", grant.recorded_at, by="officer", facts=known)
        self.record(grant, "approved", grant.decided_at or grant.recorded_at, facts=known)

    def suspend(self, grants: Sequence[Grant], grounds: str) -> None:
        by = self.people["approver"]
        for grant in grants:
            from_on = max(grant.valid_from, self.today - timedelta(self.chance.randint(3, 20)))
            notice_on, at = from_on - timedelta(2), self.chance.moment(from_on - timedelta(1))
            grant.state, grant.suspended_from = LicenceState.SUSPENDED, from_on
            grant.save(update_fields=["state", "suspended_from"])
            own: dict[str, Grant] = {grant.noun: grant}
            self.suspensions.append(
                Suspension(
                    **own,
                    grounds=grounds,
                    notice_on=notice_on,
                    from_on=from_on,
                    review_on=from_on + timedelta(90),
                    decided_at=at,
                    decided_by=by,
                )
            )
            facts = {"from_on": str(from_on), "notice_on": str(notice_on)}
            self.record(grant, "suspended", at, reason=grounds, facts=facts)

    def bind(self, licence: Licence, *, is_met: bool) -> None:
        imposed_on = max(licence.valid_from, self.today - timedelta(120))
        due_on = imposed_on + timedelta(self.chance.choice([30, 60, 100]))
        text, at = self.chance.choice(CONDITIONS), self.chance.moment(imposed_on)
        condition = Condition(
            licence=licence, text=text, due_on=due_on, imposed_at=at, imposed_by=self.people["approver"]
        )
        self.conditions.append(condition)
        self.record(licence, "condition_imposed", at, facts={"text": text, "due_on": str(due_on)})
        if is_met and due_on < self.today:
            condition.state, condition.evidence = ConditionState.MET, "ឃើញនៅនឹងកន្លែង · Seen on the spot"
            condition.closed_by = self.people["officer"]
            condition.closed_at = self.chance.moment(due_on - timedelta(3))
            self.record(licence, "condition_met", condition.closed_at, by="officer", reason=condition.evidence)

    def record(
        self,
        grant: Grant,
        verb: str,
        at: datetime,
        *,
        by: str = "approver",
        reason: str = "",
        facts: dict[str, str] | None = None,
    ) -> None:
        event = fields(
            verb=f"{grant.noun}.{verb}", subject=grant, by=self.people[by], at=at, reason=reason, facts=facts
        )
        self.events.append(AuditEvent(**event))
