"""What pages and the API say about flags, in words."""

from datetime import date
from typing import Any

from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from enforcement.models import Flag, SweepRun
from inspections.states import BandCode
from registry.models import Service

FACTS = {
    "operating_since": lambda: _("Operating since"),
    "last_visit_on": lambda: _("Last visit"),
    "due_on": lambda: _("Next visit was due on"),
    "band": lambda: _("Band"),
    "licensed_until": lambda: _("Last day of the last licence"),
    "correction_due_on": lambda: _("First corrective action was due on"),
    "services": lambda: _("Services"),
    "condition_due_on": lambda: _("First condition was due on"),
    "refused_visits": lambda: _("Visits refused since then"),
}


def facts_in_words(flag: Flag) -> list[tuple[str, Any]]:
    """The facts a flag rests on as (name, value), days as dates, bands by their names."""
    return [(FACTS[name](), _fact(name, value)) for name, value in flag.facts.items()]


def _fact(name: str, value: Any) -> Any:
    if value is None:
        return {"operating_since": _("before the register began"), "licensed_until": _("never licensed")}.get(name)
    if name == "band":
        return BandCode(value).label
    if name == "services":
        return ", ".join(str(service) for service in Service.objects.filter(code__in=value).order_by("code"))
    return value if isinstance(value, int) else date.fromisoformat(value)


def open_by_rule(flags: QuerySet[Flag]) -> dict[str, int]:
    """How many of `flags` are open, by rule code."""
    return dict(flags.filter(cleared_on=None).order_by().values_list("rule").annotate(Count("id")))


def last_sweep() -> SweepRun | None:
    """The newest completed sweep of all rules."""
    return SweepRun.objects.completed().of_all_rules().order_by("-finished_at").first()
