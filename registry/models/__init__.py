from registry.models.catalogue import FacilityType, Service
from registry.models.facility import Facility, FacilityIdentifier, FacilityService, OperationalStatusChange
from registry.models.holiday import PublicHoliday
from registry.models.idempotency import AnsweredRequest
from registry.models.imports import ImportJob, ImportRow
from registry.models.interest import Interest
from registry.models.operator import Operator

__all__ = [
    "AnsweredRequest",
    "Facility",
    "FacilityIdentifier",
    "FacilityService",
    "FacilityType",
    "ImportJob",
    "ImportRow",
    "Interest",
    "OperationalStatusChange",
    "Operator",
    "PublicHoliday",
    "Service",
]
