"""The calendar of public holidays."""

import tomllib
from collections import Counter
from datetime import date, datetime
from typing import Any

from django.db import transaction

from registry import permissions
from registry.accounts.models import User
from registry.actions.catalogue import DATA
from registry.audit.actions import record
from registry.models import PublicHoliday


@transaction.atomic
def load(*, by: User | None, at: datetime) -> Counter[str]:
    """Add the days of `registry/data/holidays.toml` that are missing; counts "created" and "unchanged".

    Safe to repeat. Only years that have no day yet are loaded: the others stay as the administrators left them.
    Raises NotPermitted.
    """
    if by is not None:
        permissions.check_may_change_catalogue(by)
    known = {day.year for day in PublicHoliday.objects.values_list("day", flat=True)}
    days = published()
    missing = [PublicHoliday(**day) for day in days if day["day"].year not in known]
    for holiday in PublicHoliday.objects.bulk_create(missing):
        record(verb="holiday.added", subject=holiday, by=by, at=at, facts={"source": holiday.source})
    return Counter(created=len(missing), unchanged=len(days) - len(missing))


def published() -> list[dict[str, Any]]:
    """The days of the file that comes with the registry, in order."""
    read = tomllib.loads((DATA / "holidays.toml").read_text(encoding="utf-8"))
    days = [
        {
            "day": date.fromisoformat(f"{year['year']}-{day}"),
            "name_km": read["names"][name][0],
            "name_en": read["names"][name][1],
            "source": year["source"],
        }
        for year in read["year"]
        for name, found in year["days"].items()
        for day in found
    ]
    return sorted(days, key=lambda holiday: holiday["day"])


@transaction.atomic
def add(*, holiday: PublicHoliday, by: User, at: datetime) -> PublicHoliday:
    """A day is added to the calendar; deadlines already set stay as they are. Raises NotPermitted."""
    permissions.check_may_change_catalogue(by)
    holiday.save(force_insert=True)
    record(verb="holiday.added", subject=holiday, by=by, at=at, facts=_facts(holiday))
    return holiday


@transaction.atomic
def remove(*, holiday: PublicHoliday, by: User, at: datetime) -> None:
    """A day is taken out of the calendar; deadlines already set stay as they are. Raises NotPermitted."""
    permissions.check_may_change_catalogue(by)
    record(verb="holiday.removed", subject=holiday, by=by, at=at, facts=_facts(holiday))
    holiday.delete()


def _facts(holiday: PublicHoliday) -> dict[str, str]:
    return {"day": holiday.day.isoformat(), "name_en": holiday.name_en, "source": holiday.source}
