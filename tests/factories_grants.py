"""Licences and authorisations for services in the states that pages have to show."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.utils import timezone

from licensing.actions import conditions, grants
from licensing.states import LicenceState
from registry.accounts.models import User
from registry.accounts.states import Role
from tests.factories import NOW, a_condition, a_facility, a_licence, a_service, an_authorisation
from tests.pictures import a_picture


def the_grants(people: Mapping[str, User]) -> None:
    """A suspended clinic; a clinic that may not offer one of its services; conditions met, lifted, due and overdue."""
    today, day, year = timezone.localdate(), timedelta(days=1), timedelta(days=365)
    approver, officer = people[Role.APPROVER], people[Role.LICENSING_OFFICER]
    period: dict[str, Any] = {"valid_from": today - 100 * day, "valid_until": today + year, "recorded_by": officer}
    held = a_licence(a_facility(name_en="Suspended Clinic"), number="15/26", **period)
    now = timezone.now()
    for from_on, is_over in ((today + 30 * day, True), (today, False)):
        days: dict[str, Any] = {"notice_on": today, "from_on": from_on, "review_on": from_on + 90 * day}
        grants.suspend(grant=held, grounds="Patients were in danger.", **days, by=approver, at=now)
        if is_over:
            grants.reinstate(grant=held, reason="It was put right.", by=approver, at=now)
    clinic = a_facility(name_km="មជ្ឈមណ្ឌលសម្រស់", name_en="Beauty Centre with a Licence")
    licence = a_licence(clinic, number="16/26", **period)
    a_licence(
        clinic,
        number="16/20",
        valid_from=today - 3 * year,
        valid_until=today - 2 * year,
        state=LicenceState.EXPIRED,
        recorded_by=officer,
    )
    lives: dict[str, dict[str, Any]] = {
        "cosmetic_surgery": {"state": LicenceState.SUSPENDED, "suspended_from": today},
        "dialysis": {},
        "radiology": {"state": LicenceState.RECORDED, "decided_by": None, "decided_at": None},
        "delivery": {"state": LicenceState.REVOKED, "ended_on": today, "reason": "No midwife"},
    }
    for number, (code, fields) in enumerate(lives.items(), start=1):
        name = code.replace("_", " ").capitalize()
        service = a_service(code, name_km=name, name_en=name)
        an_authorisation(clinic, number=f"S {number}/26", service=service, **period, **fields)
    a_condition(licence, text="ត្រូវសាងសង់ច្រកចេញទីពីរ", due_on=today - day, imposed_by=approver)
    a_condition(licence, text="A doctor is present at night.", imposed_by=approver)
    met, lifted = (a_condition(licence, text=text, due_on=today + 30 * day) for text in ("A generator.", "A lift."))
    photo = ContentFile(a_picture(), "generator.jpg")
    conditions.meet(condition=met, evidence="It stands in the yard.", upload=photo, by=officer, at=NOW)
    conditions.lift(condition=lifted, reason="The house has one storey.", by=approver, at=NOW)
