from enforcement.models.clock import ComplianceClock
from enforcement.models.flag import Flag
from enforcement.models.sweep_run import SweepRun

__all__ = ["ComplianceClock", "Flag", "SweepRun"]
