"""The order of work inside what is due: reasons, their points, and what happened when it was tried on the past.

Points order; they never make a visit due nor put it off. Pure functions; `docs/order-of-work.md` says why.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

DAYS_OF_A_MONTH, DAYS_OF_A_YEAR = 30, 365


@dataclass(frozen=True)
class Factor:
    """One reason: what it is called, what it says of so many, and how many count at most."""

    name: Promise
    sentence: Any
    most: int = 1

    def words(self, quantity: int) -> str:
        return str(self.sentence % {"quantity": quantity} if self.most > 1 else self.sentence)


FACTORS: dict[str, Factor] = {
    "never_inspected": Factor(_("Never inspected"), _("Never inspected")),
    "taken_over": Factor(
        _("Taken over and not inspected since"), _("Taken over from another operator and not inspected since")
    ),
    "months_overdue": Factor(
        _("Each month overdue"),
        ngettext_lazy("%(quantity)s month overdue", "%(quantity)s months overdue", "quantity"),
        most=12,
    ),
    "years_since_visit": Factor(
        _("Each year since the last visit"),
        ngettext_lazy("%(quantity)s year since the last visit", "%(quantity)s years since the last visit", "quantity"),
        most=5,
    ),
    "closure_proposed": Factor(_("Closure is proposed"), _("Closure is proposed")),
    "band_non_compliant": Factor(_("Last band: non-compliant"), _("Non-compliant at the last visit")),
    "band_minimally_compliant": Factor(_("Last band: minimally compliant"), _("Minimally compliant at the last visit")),
    "band_partially_compliant": Factor(_("Last band: partially compliant"), _("Partially compliant at the last visit")),
    "findings_potential": Factor(
        _("Each open finding D to F"),
        ngettext_lazy("%(quantity)s open finding D to F", "%(quantity)s open findings D to F", "quantity"),
        most=5,
    ),
    "findings_actual": Factor(
        _("Each open finding G to I (actual harm)"),
        ngettext_lazy("%(quantity)s open finding G to I", "%(quantity)s open findings G to I", "quantity"),
        most=5,
    ),
    "findings_jeopardy": Factor(
        _("Each open finding J to L (immediate jeopardy)"),
        ngettext_lazy("%(quantity)s open finding J to L", "%(quantity)s open findings J to L", "quantity"),
        most=5,
    ),
    "serious_before": Factor(
        _("Each finding G to L of the last two years, mended or not"),
        ngettext_lazy(
            "%(quantity)s finding G to L in the last two years",
            "%(quantity)s findings G to L in the last two years",
            "quantity",
        ),
        most=5,
    ),
    "actions_overdue": Factor(
        _("Each overdue corrective action"),
        ngettext_lazy("%(quantity)s corrective action overdue", "%(quantity)s corrective actions overdue", "quantity"),
        most=5,
    ),
    "refusals": Factor(
        _("Each refused visit since the last completed one"),
        ngettext_lazy("Entry refused %(quantity)s time", "Entry refused %(quantity)s times", "quantity"),
        most=3,
    ),
    "services_authorised": Factor(
        _("Each declared service that needs an authorisation"),
        ngettext_lazy(
            "%(quantity)s service that needs an authorisation",
            "%(quantity)s services that need an authorisation",
            "quantity",
        ),
        most=3,
    ),
    "licence_not_valid": Factor(
        _("No valid licence at the last visit"), _("No valid licence was shown at the last visit")
    ),
}
"""Codes of the factors as weights name them. What a factor counts is in `reports.risk` (of the register as it is) and
in `rules.replay` (of a day in the past)."""


@dataclass(frozen=True)
class Reason:
    code: str
    quantity: int
    points: int

    @property
    def words(self) -> str:
        return FACTORS[self.code].words(self.quantity)


def reasons(quantities: Mapping[str, int], weights: Mapping[str, int]) -> list[Reason]:
    """Each factor that holds, the weightiest first: points are quantity, as far as it counts, times weight."""
    found = []
    for code, factor in FACTORS.items():
        quantity = min(quantities.get(code, 0), factor.most)
        if points := quantity * weights.get(code, 0):
            found.append(Reason(code, quantity, points))
    return sorted(found, key=lambda reason: (-reason.points, reason.code))


def points(quantities: Mapping[str, int], weights: Mapping[str, int]) -> int:
    return sum(reason.points for reason in reasons(quantities, weights))


def months_overdue(due_on: date, as_of: date) -> int:
    """Whole months of 30 days; 0 until the day after the due day is a month old."""
    return max(0, (as_of - due_on).days // DAYS_OF_A_MONTH)


def years_since(day: date, as_of: date) -> int:
    """Whole years of 365 days."""
    return max(0, (as_of - day).days // DAYS_OF_A_YEAR)
