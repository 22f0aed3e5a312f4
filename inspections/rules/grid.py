"""The grid of severity and scope: what each cell is called, and how long there is to put right what falls into it."""

from inspections.models import Ruleset
from inspections.rules.scoring import letter
from inspections.states import Scope, Severity

Cell = tuple[int, int]
"""Severity (1 to 4) and scope (1 to 3)."""


def letters(ruleset: Ruleset) -> dict[Cell, str]:
    """What the ruleset calls each cell; the letters of 42 CFR 488.404 where it says nothing. One query."""
    usual = {(severity, scope): letter(severity, scope) for severity in Severity.values for scope in Scope.values}
    return usual | {(cell.severity, cell.scope): cell.letter for cell in ruleset.grid.all()}


def correction_days(ruleset: Ruleset) -> dict[Cell, int]:
    """Working days to put right what falls into each cell; cells without are left out. One query."""
    return {
        (cell.severity, cell.scope): cell.correction_days
        for cell in ruleset.grid.all()
        if cell.correction_days is not None
    }
