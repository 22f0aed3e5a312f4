from enforcement.models.clock import ComplianceClock
from enforcement.models.complaint import Complaint
from enforcement.models.complaint_parts import ComplaintContact, ComplaintFile, ComplaintMessage
from enforcement.models.flag import Flag
from enforcement.models.sweep_run import SweepRun

__all__ = [
    "Complaint",
    "ComplaintContact",
    "ComplaintFile",
    "ComplaintMessage",
    "ComplianceClock",
    "Flag",
    "SweepRun",
]
