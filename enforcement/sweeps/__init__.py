"""The compliance sweep: makes the open flags exactly those that the rules ask for on a day.

Safe to run twice, late, two at once or killed half-way: what is open is a function of the facts and the day alone.
Each batch is one transaction that locks its clock rows, reads the facts afresh, and raises and clears flags; the
partial unique index on open flags is the last guard. Sweeps wait for each other on an advisory lock, which
PostgreSQL releases when a sweep dies.
"""

from enforcement.sweeps.asking import dry_run, would_flag
from enforcement.sweeps.report import RuleCount, SweepReport, WouldFlag
from enforcement.sweeps.running import sweep, sweep_unless_done
from enforcement.sweeps.watching import watch

__all__ = ["RuleCount", "SweepReport", "WouldFlag", "dry_run", "sweep", "sweep_unless_done", "watch", "would_flag"]
