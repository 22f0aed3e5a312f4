"""Practitioners, postings, equipment and what services need, to test with."""

from datetime import date, timedelta
from typing import Any

from registry.core.khmer import search_key, sort_key
from registry.models import Council, Equipment, EquipmentKind, Facility, Posting, Practitioner, Prerequisite, Service
from registry.states import Cadre
from tests.factories import NOW, TODAY, counter

NEXT_YEAR = TODAY + timedelta(365)


def a_council(code: str = "medical", **fields: Any) -> Council:
    defaults = {"name_km": "គណៈវេជ្ជបណ្ឌិតកម្ពុជា", "name_en": "Medical Council of Cambodia"}
    return Council.objects.get_or_create(code=code, defaults=defaults | fields)[0]


def a_practitioner(*, council: Council | None = None, **fields: Any) -> Practitioner:
    """A Cambodian doctor with a licence for another year, unless `fields` say else."""
    number = next(counter)
    fields.setdefault("name_en", f"Doctor {number}")
    fields.setdefault("council_number", f"MD-{number:05}")
    names = f"{fields.get('name_km', '')} {fields['name_en']}"
    practitioner = Practitioner.objects.create(
        council=council or a_council(),
        cadre=fields.pop("cadre", Cadre.DOCTOR),
        licensed_until=fields.pop("licensed_until", NEXT_YEAR),
        changed_at=NOW,
        search_key=search_key(names),
        sort_key=sort_key(fields.get("name_km") or fields["name_en"]),
        **fields,
    )
    practitioner.refresh_from_db()
    return practitioner


def a_posting(facility: Facility, practitioner: Practitioner | None = None, **fields: Any) -> Posting:
    practitioner = practitioner or a_practitioner()
    fields.setdefault("valid_from", date(2026, 1, 1))
    return Posting.objects.create(facility=facility, practitioner=practitioner, cadre=practitioner.cadre, **fields)


def an_equipment_kind(code: str = "x_ray", **fields: Any) -> EquipmentKind:
    defaults = {"name_km": "ម៉ាស៊ីនថតកាំរស្មីអ៊ិច", "name_en": "X-ray unit", "needs_calibration": True}
    return EquipmentKind.objects.get_or_create(code=code, defaults=defaults | fields)[0]


def some_equipment(facility: Facility, **fields: Any) -> Equipment:
    fields.setdefault("kind", fields.pop("kind", None) or an_equipment_kind())
    fields.setdefault("calibration_due_on", NEXT_YEAR)
    defaults = {"maker": "Siemens", "serial": f"S{next(counter)}", "installed_on": date(2026, 1, 1)}
    return Equipment.objects.create(facility=facility, **defaults | fields)


def a_prerequisite(service: Service, **fields: Any) -> Prerequisite:
    """One practitioner of the medical council, unless `fields` name something else."""
    if "equipment_kind" not in fields:
        fields.setdefault("council", a_council())
    return Prerequisite.objects.create(service=service, **{"clause": "§ 1"} | fields)
