"""A letter of the ministry: some departments visit, others are silent. Another one is being written."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from inspections.actions import campaigns
from inspections.models import Campaign, Checklist, ChecklistVersion, Visit
from inspections.states import Purpose, VisitState
from portal.demonstration.chance import Chance
from portal.demonstration.people import SHOWN, People
from registry.models import FacilityType, Service

LAUNCHED_DAYS_AGO, DAYS_TO_ANSWER, DAYS_TO_GO = 55, 9, 40
SILENT = 0.3
PLANNED_AT_ONCE = 3
LETTER = "សូមពិនិត្យការគ្រប់គ្រងឱសថ ថ្ងៃផុតកំណត់ និងការរក្សាទុក · Inspect how medicines are managed, dated and stored."
LETTER_TO_COME = "សូមពិនិត្យសេវាកែសម្ផស្ស · Inspect every place that offers cosmetic surgery."
READ = "បានទទួល និងបានចាត់អធិការ · Received; inspectors are assigned"


@dataclass
class Directive:
    """The campaign that runs, and the facilities that it reaches."""

    campaign: Campaign
    facilities: set[int]

    def take(self, visits: Sequence[Visit]) -> None:
        """Ordinary visits made there since the letter are visits of the campaign; none of them is written yet."""
        for visit in visits:
            made = visit.visited_on is not None and visit.visited_on >= self.campaign.begins_on
            if made and visit.facility.pk in self.facilities and visit.state != VisitState.IN_PROGRESS:
                visit.purpose, visit.campaign = Purpose.CAMPAIGN, self.campaign


def launch(people: People, *, chance: Chance, today: date, at: datetime) -> Directive | None:
    """Launched some weeks ago and answered by most departments since; None where it would reach nobody."""
    checklist = Checklist.objects.filter(versions__in=ChecklistVersion.objects.published()).order_by("pk").first()
    began = today - timedelta(LAUNCHED_DAYS_AGO)
    said = {"checklist": checklist, "letter_on": began - timedelta(3), "begins_on": began}
    kinds = FacilityType.objects.filter(code__in=("pharmacy", "depot_a", "depot_b", "clinic", "polyclinic"))
    launched_at = chance.moment(began)
    campaign = campaigns.draft(
        facts=said
        | {
            "code": "medicines",
            "name_km": "យុទ្ធនាការពិនិត្យឱសថ",
            "name_en": "Medicines in order",
            "letter_number": "DEMO-214",
            "text": LETTER,
            "deadline": today + timedelta(DAYS_TO_GO),
            "facility_types": list(kinds),
        },
        by=people["officer"],
        at=launched_at - timedelta(hours=2),
    )
    campaigns.draft(
        facts=said
        | {
            "code": "cosmetic-surgery",
            "name_km": "យុទ្ធនាការពិនិត្យសេវាកែសម្ផស្ស",
            "name_en": "Cosmetic surgery",
            "letter_number": "DEMO-231",
            "text": LETTER_TO_COME,
            "letter_on": today,
            "begins_on": today + timedelta(10),
            "deadline": today + timedelta(100),
            "services": list(Service.objects.filter(code="cosmetic_surgery")),
        },
        by=people["officer"],
        at=at,
    )
    if not campaigns.reached(campaign).exists():
        return None
    campaign = campaigns.launch(campaign=campaign, by=people["approver"], at=launched_at)
    for answer in campaign.acknowledgements.select_related("province").order_by("province__code"):
        if answer.province.code in SHOWN[:1] or chance.random() > SILENT:
            campaigns.acknowledge(
                campaign=campaign,
                note=READ,
                by=people.managers[answer.province_id],
                at=chance.moment(began + timedelta(chance.randint(2, DAYS_TO_ANSWER))),
            )
    return Directive(campaign, set(campaign.targets.values_list("facility", flat=True)))


def plan(directive: Directive, people: People, *, today: date, at: datetime) -> None:
    """The departments that named inspectors plan the next visits of the campaign."""
    read = directive.campaign.acknowledgements.exclude(acknowledged_at=None).order_by("pk")
    for province in read.values_list("province", flat=True):
        wanted = campaigns.still_to_plan(directive.campaign, province).order_by("number")[:PLANNED_AT_ONCE]
        numbers = [facility.number for facility in wanted]
        if numbers:
            campaigns.plan_visits(
                campaign=directive.campaign,
                facilities=numbers,
                planned_on=today + timedelta(9),
                announced=False,
                by=people.managers[province],
                at=at,
            )
