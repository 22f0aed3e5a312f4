"""The clock of the authority, in working days: it runs to a due day, stands still, and runs on. Pure functions."""

from collections.abc import Collection
from datetime import date, timedelta

from registry.core.working_days import add_working_days, is_working_day


def days_left(due_on: date, today: date, holidays: Collection[date]) -> int:
    """How many working days come after `today`, up to `due_on` included; below zero when so many have gone past it."""
    first, last = min(due_on, today), max(due_on, today)
    passed = sum(is_working_day(first + timedelta(days=n), holidays) for n in range(1, (last - first).days + 1))
    return passed if due_on >= today else -passed


def due_day(days_left: int, today: date, holidays: Collection[date]) -> date:
    """The day on which a clock with so many working days left runs out, if it runs on from `today`.

    What was late stays late by as many working days: a question to the applicant gives no time away and takes none.
    """
    if days_left >= 0:
        return add_working_days(today, days_left, holidays)
    day = today
    while days_left < 0:
        days_left += is_working_day(day, holidays)
        day -= timedelta(days=1)
    while not is_working_day(day, holidays):
        day -= timedelta(days=1)
    return day
