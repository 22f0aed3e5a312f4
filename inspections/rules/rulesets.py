"""Rulesets as texts: what one says, whether two say the same."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from hashlib import sha256
from typing import Any

from inspections.models import Band, GridCell, Ruleset

RULESET_FIELDS = (
    "name",
    "source",
    "valid_from",
    "decimal_places",
    "hard_maximum_months",
    "critical_cap",
    "unlicensed_band",
    "grace_months",
    "longest_by_type",
)
BAND_FIELDS = ("code", "from_percent", "below_percent", "months_to_next_visit", "closure_at_visit")
CELL_FIELDS = ("severity", "scope", "letter", "correction_days")
Contents = dict[str, Any]


def contents(ruleset: Ruleset) -> Contents:
    """All that a ruleset says, as it is written in a file: its bands from the lowest, its grid from A."""
    return {name: getattr(ruleset, name) for name in RULESET_FIELDS} | {
        "band": [_said(band, BAND_FIELDS) for band in _ordered(ruleset.bands.all(), "from_percent")],
        "cell": [_said(cell, CELL_FIELDS) for cell in _ordered(ruleset.grid.all(), "severity", "scope")],
    }


def ruleset_edition(ruleset: Ruleset) -> str:
    """A short text that is another one once the ruleset says anything differently."""
    return sha256(repr(plain(contents(ruleset))).encode()).hexdigest()[:16]


def plain(value: Any) -> Any:
    """What may be compared, and kept in the history: numbers without idle zeros, days as texts."""
    if isinstance(value, Mapping):
        return {str(key): plain(value[key]) for key in sorted(value)}
    if isinstance(value, list):
        return [plain(part) for part in value]
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        return f"{Decimal(value).normalize():f}"
    return value if isinstance(value, bool) or value is None else str(value)


def _said(row: Band | GridCell, fields: Iterable[str]) -> Contents:
    return {name: getattr(row, name) for name in fields}


def _ordered(rows: Iterable[Any], *fields: str) -> list[Any]:
    return sorted(rows, key=lambda row: [getattr(row, name) for name in fields])
