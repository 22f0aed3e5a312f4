"""The clock of the authority: so many working days for a decision, from the day an application is handed in."""

from datetime import date, datetime

from django.utils import timezone

from licensing.models import Application
from licensing.rules import working_clock
from registry.core.working_days import add_working_days
from registry.models import PublicHoliday

FIELDS = ("due_on", "days_left")


def start(application: Application, *, at: datetime) -> None:
    """The whole time is there, counted from the day after. Sets FIELDS; the caller writes them."""
    if application.terms is None:
        raise TypeError("an application at the authority has terms")
    _set(application, working_days_after(timezone.localdate(at), application.terms.target_days))


def stop(application: Application, *, at: datetime) -> None:
    """From now on time is the applicant's."""
    if application.due_on is not None:
        left = working_clock.days_left(application.due_on, timezone.localdate(at), holidays())
        application.due_on, application.days_left = None, left


def run_on(application: Application, *, at: datetime) -> None:
    if application.days_left is not None:
        _set(application, working_clock.due_day(application.days_left, timezone.localdate(at), holidays()))


def working_days_after(day: date, days: int) -> date:
    return add_working_days(day, days, holidays())


def holidays() -> set[date]:
    return set(PublicHoliday.objects.values_list("day", flat=True))


def _set(application: Application, due_on: date) -> None:
    application.due_on, application.days_left = due_on, None
