from dataclasses import dataclass, field
from datetime import date
from typing import Any

from enforcement.models import SweepRun


@dataclass
class RuleCount:
    """Flags of one rule in one sweep; `open` is how many are open after it."""

    raised: int = 0
    cleared: int = 0
    escalated: int = 0
    open: int = 0


@dataclass
class SweepReport:
    as_of: date
    counts: dict[str, RuleCount]
    facilities: int = 0
    run: SweepRun | None = None
    """None for a dry run, which leaves no trace."""


@dataclass(frozen=True)
class WouldFlag:
    """A flag that a rule asks for on a day: what a dry run shows."""

    rule: str
    facility_number: str
    since_on: date | None
    facts: dict[str, Any] = field(default_factory=dict)
