"""Deadlines counted in working days: Monday to Friday, public holidays left out. Pure functions."""

from collections.abc import Collection
from datetime import date, timedelta

SATURDAY = 5


def is_working_day(day: date, holidays: Collection[date]) -> bool:
    return day.weekday() < SATURDAY and day not in holidays


def add_working_days(day: date, number: int, holidays: Collection[date]) -> date:
    """The last of so many working days after `day`, which is not counted itself; 0 is the first working day from
    `day` on. Raises ValueError for a number below zero, OverflowError beyond the calendar.
    """
    if number < 0:
        raise ValueError("a deadline does not lie in the past")
    found = day
    if number == 0:
        while not is_working_day(found, holidays):
            found += timedelta(days=1)
    for _ in range(number):
        found += timedelta(days=1)
        while not is_working_day(found, holidays):
            found += timedelta(days=1)
    return found
