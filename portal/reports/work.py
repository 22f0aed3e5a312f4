"""What is to be done, counted: the reads behind the home page of each role."""

from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet

from enforcement.models import Complaint, Flag
from licensing.models import Licence

EXPIRING_DAYS = 90


def expiring(user: Any, *, as_of: date) -> QuerySet[Licence]:
    """Licences in force on that day whose last day is within 90 days, the soonest first."""
    in_force: QuerySet[Licence] = Licence.objects.visible_to(user).in_force(as_of)
    return in_force.filter(last_day__lte=as_of + timedelta(days=EXPIRING_DAYS)).order_by("last_day", "id")


def open_flags(user: Any) -> list[tuple[str, int, int, int]]:
    """Open flags as (rule, severity, level, how many), in one query."""
    flags: QuerySet[Flag] = Flag.objects.visible_to(user).open()
    return list(flags.order_by().values_list("rule", "severity", "level").annotate(Count("id")))


def waiting_complaints(user: Any, *, as_of: date) -> tuple[int, int]:
    """Complaints that nobody looks into yet, and those among them that are overdue on that day, in one query."""
    waiting = Complaint.objects.visible_to(user).waiting()
    counted = waiting.aggregate(all=Count("pk"), late=Count("pk", filter=Q(due_on__lt=as_of)))
    return counted["all"], counted["late"]
