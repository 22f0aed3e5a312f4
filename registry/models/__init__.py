from registry.models.catalogue import FacilityType, Service
from registry.models.facility import Facility, FacilityIdentifier, FacilityService, OperationalStatusChange
from registry.models.imports import ImportJob, ImportRow
from registry.models.operator import Operator

__all__ = [
    "Facility",
    "FacilityIdentifier",
    "FacilityService",
    "FacilityType",
    "ImportJob",
    "ImportRow",
    "OperationalStatusChange",
    "Operator",
    "Service",
]
