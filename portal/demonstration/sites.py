"""The made-up facilities: kinds, places, names, operators, services, and what became of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from portal.demonstration import country
from portal.demonstration.chance import Chance
from portal.demonstration.country import CAPITAL, Kind, Name, Province
from portal.demonstration.people import People
from registry.actions import operators as operator_actions
from registry.actions.facilities import plain, prepare
from registry.audit.actions import fields
from registry.audit.models import AuditEvent
from registry.models import Facility, FacilityIdentifier, FacilityService, OperationalStatusChange, Operator, Service
from registry.states import OperationalStatus, OperatorKind, Ownership

SYSTEM = "demonstration"
"""The system whose identifier every made-up facility has."""

STATUSES = {
    OperationalStatus.OPERATING: 93.0,
    OperationalStatus.TEMPORARILY_CLOSED: 2.5,
    OperationalStatus.CLOSED: 3.0,
    OperationalStatus.SUSPECTED_UNLICENSED: 1.5,
}
REASONS = {
    OperationalStatus.OPERATING: "ចុះបញ្ជី · Registered",
    OperationalStatus.TEMPORARILY_CLOSED: "ជួសជុលអគារ · The building is being repaired",
    OperationalStatus.CLOSED: "ម្ចាស់ឈប់ធ្វើអាជីវកម្ម · The owner has given up the business",
    OperationalStatus.SUSPECTED_UNLICENSED: "សារពីប្រជាពលរដ្ឋ · Reported by a citizen",
}
OWNERSHIPS = {Ownership.PRIVATE: 0.96, Ownership.NGO: 0.03, Ownership.FOREIGN: 0.01}
HOURS = ["07:00–11:00, 14:00–17:00", "07:30–20:00", "08:00–12:00, 16:00–20:00", "24 h"]
CHAIN = ("beauty_centre", "clinic", "polyclinic", "consultation_cabinet")
"""Kinds of the sites of the branch network, the first preferred."""

REGISTER_BEGAN_DAYS = 3 * 365 + 60


@dataclass
class Site:
    """A facility with what the stories about it need: its kind, its services and the days between which it works."""

    facility: Facility
    kind: Kind
    province: Province
    services: list[str]
    status_since: date | None
    works_from: date
    works_until: date
    branch: int = 0
    """Which site of the branch network: the first has a licence, the others have none."""
    new: bool = False
    operators: list[Operator] = field(default_factory=list)

    @property
    def works(self) -> bool:
        return self.facility.operational_status == OperationalStatus.OPERATING


def make(number: int, provinces: dict[str, Province], *, chance: Chance, today: date) -> list[Site]:
    """So many facilities, none of them written yet."""
    kinds = {kind.type.code: kind for kind in country.kinds()}
    sites_of = {code: float(kind.sites) for code, kind in kinds.items()}
    dealt = chance.deal(sites_of, number)
    people = {code: float(province.population) for code, province in provinces.items()}
    places = chance.deal(people, number)
    _move_to_capital(dealt, places, kinds)
    public = [kinds[code].public for code in dealt]
    statuses = iter(chance.deal(STATUSES, public.count(False)))
    names = {code: iter(country.names(chance) * number) for code in provinces}
    sites = [
        _site(
            kinds[code],
            provinces[place],
            next(names[place]),
            OperationalStatus.OPERATING if kinds[code].public else next(statuses),
            chance=chance,
            today=today,
        )
        for code, place in zip(dealt, places, strict=True)
    ]
    _tie_into_network(sites, max(3, number // 250))
    return sites


def _move_to_capital(kinds: list[str], places: Sequence[str], known: dict[str, Kind]) -> None:
    """Facilities that only the capital has change places with others there."""
    wanted = [i for i, code in enumerate(kinds) if known[code].in_the_capital and places[i] != CAPITAL]
    others = [i for i, code in enumerate(kinds) if not known[code].in_the_capital and places[i] == CAPITAL]
    for i, j in zip(wanted, others, strict=False):
        kinds[i], kinds[j] = kinds[j], kinds[i]


def _site(kind: Kind, province: Province, name: Name, status: str, *, chance: Chance, today: date) -> Site:
    new = chance.random() < 0.08
    opened = (
        chance.day(today - timedelta(600), today - timedelta(45))
        if new
        else chance.day(today - timedelta(25 * 365), today - timedelta(6 * 365))
    )
    began = today - timedelta(REGISTER_BEGAN_DAYS)
    known_from = opened + timedelta(5) if new else chance.day(began, began + timedelta(50))
    changed = chance.day(today - timedelta(30 if new else 200), today - timedelta(8))
    if status == OperationalStatus.SUSPECTED_UNLICENSED:
        known_from = changed
    suspected = status == OperationalStatus.SUSPECTED_UNLICENSED
    latitude, longitude = province.point(chance)
    facility = Facility(
        name_km=f"{kind.type.name_km} {name[0]}",
        name_en=f"{kind.type.name_en} {name[1]}",
        type=kind.type,
        ownership=Ownership.PUBLIC if kind.public else chance.choices(*zip(*OWNERSHIPS.items(), strict=True))[0],
        area=chance.choice(province.communes),
        address=f"ផ្ទះលេខ {chance.randint(1, 400)}",
        latitude=latitude,
        longitude=longitude,
        point_accuracy_m=round(province.reach_km * 1000),
        beds=chance.randrange(*kind.beds),
        opening_hours=HOURS[3] if "inpatient_care" in kind.services else chance.choice(HOURS[:3]),
        phone=f"000 {chance.randint(0, 999):03} {chance.randint(0, 999):03}",
        opened_on=None if suspected or (not new and chance.random() < 0.2) else opened,
        operational_status=status,
        registered_at=chance.moment(known_from),
    )
    facility.changed_at = facility.registered_at if status in WORKING else chance.moment(changed)
    site = Site(
        facility=facility,
        kind=kind,
        province=province,
        services=sorted({*kind.services, *(code for code in kind.perhaps if chance.random() < 0.3)}),
        status_since=changed if status != OperationalStatus.OPERATING else facility.opened_on,
        works_from=known_from,
        works_until=changed - timedelta(1) if status not in WORKING else today,
        new=new,
    )
    if not kind.public and not suspected:
        site.operators = [_operator(kind, name, foreign=facility.ownership == Ownership.FOREIGN)]
    return site


WORKING = (OperationalStatus.OPERATING, OperationalStatus.SUSPECTED_UNLICENSED)


def _operator(kind: Kind, name: Name, *, foreign: bool = False, prefix: Name = ("ក្រុមហ៊ុន", "Company")) -> Operator:
    if kind.organisation:
        name = (f"{prefix[0]} {name[0]}", f"{prefix[1]} {name[1]}")
    return Operator(
        name_km=name[0],
        name_en=name[1],
        kind=OperatorKind.ORGANISATION if kind.organisation else OperatorKind.PERSON,
        foreign=foreign,
    )


def _tie_into_network(sites: Sequence[Site], size: int) -> None:
    """One brand with one licensed site and several without a licence, all offering cosmetic surgery."""
    possible = [site for site in sites if site.works and not site.new and site.kind.type.code in CHAIN]
    possible.sort(key=lambda site: CHAIN.index(site.kind.type.code))
    chain = possible[:size]
    if not chain:
        return
    name_km, name_en = (f"{a} {b}" for a, b in zip(("ផ្កាយ", "Phkay"), ("ឥន្ទធនូ", "Inthonou"), strict=True))
    kind = next((site.kind for site in sites if site.kind.organisation), chain[0].kind)
    brand = _operator(kind, (name_km, name_en), prefix=("ក្រុម", "Group"))
    branches = _operator(kind, (name_km, name_en), prefix=("ក្រុមហ៊ុនសាខា", "Branches of"))
    branches.parent = brand
    for number, site in enumerate(chain, 1):
        site.branch = number
        site.operators = [brand] if number == 1 else [brand, branches]
        site.services = sorted({*site.services, "cosmetic_surgery"})
        site.facility.brand = name_en
        site.facility.name_km = f"{site.kind.type.name_km} {name_km} សាខាទី {number}"
        site.facility.name_en = f"{site.kind.type.name_en} {name_en}, branch {number}"


def write(sites: Sequence[Site], people: People) -> list[AuditEvent]:
    """The facilities and all that hangs on them; returns the events to be written."""
    operators = list({id(operator): operator for site in sites for operator in site.operators}.values())
    for number, operator in enumerate(operators, 1):
        operator.registration_number = f"DEMO-{number:05}"
        operator.search_key = operator_actions.keys(operator.name_km, operator.name_en)["search_key"]
    Operator.objects.bulk_create([operator for operator in operators if operator.parent is None])
    Operator.objects.bulk_create([operator for operator in operators if operator.parent is not None])
    for site in sites:
        site.facility.operator = site.operators[-1] if site.operators else None
        prepare(site.facility)
    facilities = [site.facility for site in sites]
    Facility.objects.bulk_create(facilities, batch_size=2000)
    FacilityIdentifier.objects.bulk_create(
        FacilityIdentifier(facility=facility, system=SYSTEM, value=f"D{number:06}")
        for number, facility in enumerate(facilities, 1)
    )
    services = {service.code: service for service in Service.objects.all()}
    FacilityService.objects.bulk_create(
        FacilityService(facility=site.facility, service=services[code], declared_on=site.works_from)
        for site in sites
        for code in site.services
        if code in services
    )
    changes = [change for site in sites for change in _changes(site, people)]
    OperationalStatusChange.objects.bulk_create(changes)
    return [event for site in sites for event in _events(site, people)]


def _changes(site: Site, people: People) -> list[OperationalStatusChange]:
    facility = site.facility
    first = OperationalStatusChange(
        facility=facility,
        status=OperationalStatus.OPERATING,
        effective_on=facility.opened_on,
        reason=REASONS[OperationalStatus.OPERATING],
        recorded_at=facility.registered_at,
        recorded_by=people["officer"],
    )
    if site.works:
        return [first]
    status = OperationalStatus(facility.operational_status)
    last = OperationalStatusChange(
        facility=facility,
        status=status,
        effective_on=site.status_since,
        reason=REASONS[status],
        recorded_at=facility.changed_at,
        recorded_by=people["officer"],
    )
    return [last] if status == OperationalStatus.SUSPECTED_UNLICENSED else [first, last]


def _events(site: Site, people: People) -> list[AuditEvent]:
    facility, by = site.facility, people["officer"]
    said = {name: plain(getattr(facility, name)) for name in ("name_km", "name_en", "type", "area", "beds")}
    said |= {"status": facility.operational_status, "services": site.services}
    registered = fields(verb="facility.registered", subject=facility, by=by, at=facility.registered_at, facts=said)
    if facility.operational_status in WORKING:
        return [AuditEvent(**registered)]
    changed = fields(
        verb="facility.status_changed",
        subject=facility,
        by=by,
        at=facility.changed_at,
        reason=REASONS[OperationalStatus(facility.operational_status)],
        facts={
            "from": str(OperationalStatus.OPERATING),
            "to": facility.operational_status,
            "effective_on": str(site.status_since),
        },
    )
    return [AuditEvent(**registered), AuditEvent(**changed)]
