"""The made-up health professionals who work at the sites and answer for them, and the devices there."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from portal.demonstration import country
from portal.demonstration.chance import Chance
from portal.demonstration.sites import SYSTEM, Site
from registry.actions.practitioners import keys
from registry.models import Council, Equipment, EquipmentKind, Posting, Practitioner
from registry.states import Cadre

COUNCILS = {
    "pharmacy": ("pharmacists", Cadre.PHARMACIST),
    "dental_cabinet": ("dental", Cadre.DENTIST),
    "maternity_cabinet": ("midwives", Cadre.MIDWIFE),
    "antenatal_cabinet": ("midwives", Cadre.MIDWIFE),
    "postnatal_cabinet": ("midwives", Cadre.MIDWIFE),
    "nursing_cabinet": ("nurses", Cadre.NURSE),
}
"""Whose council licenses the responsible person of a kind of site; elsewhere it is a doctor."""

DEVICES = {
    "radiology": ("x_ray",),
    "ultrasound": ("ultrasound",),
    "dialysis": ("dialysis_machine",),
    "surgery": ("anaesthesia_machine", "autoclave"),
    "cosmetic_surgery": ("laser_device",),
    "laboratory": ("laboratory_analyser",),
    "delivery": ("delivery_bed",),
    "emergency_ambulance": ("ambulance",),
    "robotic_rehabilitation": ("robotic_rehabilitation_device",),
}
MAKERS = ("Damrei", "Kngaok", "Phsaot")
"""Animals, as all names of the demonstration."""

LAPSED, NOBODY, BUSY, FOREIGN, UNCALIBRATED = 0.03, 0.02, 0.03, 0.02, 0.1


class Staff:
    """Everybody and every device, made one after another and written at once."""

    def __init__(self, *, chance: Chance, today: date, at: datetime) -> None:
        self.chance, self.today, self.at = chance, today, at
        self.councils = {council.code: council for council in Council.objects.all()}
        self.kinds = {kind.code: kind for kind in EquipmentKind.objects.all()}
        self.names = iter(self._names())
        self.practitioners: list[Practitioner] = []
        self.postings: list[Posting] = []
        self.equipment: list[Equipment] = []

    def make(self, sites: Sequence[Site]) -> None:
        """Who works at each site that is open, and with what; one person answers for all branches of the network."""
        of_network = None
        former = None
        for site in sites:
            if not site.works:
                continue
            chance = self.chance
            if site.branch:
                of_network = of_network or self._practitioner(site)
                self._post(of_network, site, is_responsible=True)
            elif former is not None and chance.random() < BUSY:
                self._post(former, site, is_responsible=True)
            elif chance.random() >= NOBODY:
                former = self._practitioner(site)
                self._post(former, site, is_responsible=True)
            for _nurse in range(min(2, (site.facility.beds or 0) // 5)):
                self._post(self._practitioner(site, "nurses", Cadre.NURSE), site)
            for service in site.services:
                for code in DEVICES.get(service, ()):
                    self._device(self.kinds[code], site)

    def write(self) -> None:
        Practitioner.objects.bulk_create(self.practitioners, batch_size=2000)
        Posting.objects.bulk_create(self.postings, batch_size=2000)
        Equipment.objects.bulk_create(self.equipment, batch_size=2000)

    def _practitioner(self, site: Site, council: str = "", cadre: str = "") -> Practitioner:
        chance = self.chance
        if not council:
            council, cadre = COUNCILS.get(site.kind.type.code, ("medical", Cadre.DOCTOR))
        lapsed = chance.random() < LAPSED
        days = chance.randint(-200, -10) if lapsed else chance.randint(20, 1000)
        until = max(self.today + timedelta(days), site.works_from)
        name_km, name_en = next(self.names)
        foreign: dict[str, Any] = {}
        if chance.random() < FOREIGN:
            foreign = {
                "nationality": chance.choice(("FR", "KR", "VN", "TH")),
                "permission_number": f"DEMO-{len(self.practitioners) + 1}",
                "permission_until": until,
            }
        made = Practitioner(
            council=self.councils[council],
            council_number=f"DEMO-{len(self.practitioners) + 1:05}",
            name_km=name_km,
            name_en=name_en,
            cadre=cadre,
            licensed_until=until,
            source=SYSTEM,
            changed_at=self.at,
            **keys(name_km, name_en),
            **foreign,
        )
        self.practitioners.append(made)
        return made

    def _post(self, practitioner: Practitioner, site: Site, *, is_responsible: bool = False) -> None:
        until = practitioner.licensed_until
        begins = min(site.works_from, until) if until else site.works_from
        self.postings.append(
            Posting(
                practitioner=practitioner,
                facility=site.facility,
                cadre=practitioner.cadre,
                is_responsible=is_responsible,
                valid_from=begins,
            )
        )

    def _device(self, kind: EquipmentKind, site: Site) -> None:
        chance = self.chance
        late = chance.random() < UNCALIBRATED
        due = self.today + timedelta(chance.randint(-150, -5) if late else chance.randint(10, 360))
        self.equipment.append(
            Equipment(
                facility=site.facility,
                kind=kind,
                maker=chance.choice(MAKERS),
                serial=f"DEMO-{len(self.equipment) + 1:05}",
                installed_on=site.works_from,
                calibration_due_on=due if kind.needs_calibration else None,
            )
        )

    def _names(self) -> Iterator[country.Name]:
        while True:
            yield from country.names(self.chance)
