"""Importing files: checked row by row, compared with the register, then loaded whole or not at all."""

from registry.actions.imports.facilities import FACILITIES
from registry.actions.imports.jobs import load_checked, stage, work
from registry.actions.imports.kinds import KINDS, Counts, Kind, Load, kind_of, offer
from registry.actions.imports.practitioners import PRACTITIONERS

offer(FACILITIES)
offer(PRACTITIONERS)

__all__ = ["KINDS", "Counts", "Kind", "Load", "kind_of", "load_checked", "offer", "stage", "work"]
