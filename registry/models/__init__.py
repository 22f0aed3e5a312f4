from registry.models.catalogue import FacilityType, Service
from registry.models.council import Council
from registry.models.equipment import Equipment, EquipmentKind
from registry.models.facility import Facility, FacilityIdentifier, FacilityService, OperationalStatusChange
from registry.models.holiday import PublicHoliday
from registry.models.idempotency import AnsweredRequest
from registry.models.imports import ImportJob, ImportRow
from registry.models.interest import Interest
from registry.models.network import Network
from registry.models.operator import Operator
from registry.models.posting import Posting
from registry.models.practitioner import Practitioner
from registry.models.prerequisite import Prerequisite
from registry.models.representative import Representative

__all__ = [
    "AnsweredRequest",
    "Council",
    "Equipment",
    "EquipmentKind",
    "Facility",
    "FacilityIdentifier",
    "FacilityService",
    "FacilityType",
    "ImportJob",
    "ImportRow",
    "Interest",
    "Network",
    "OperationalStatusChange",
    "Operator",
    "Posting",
    "Practitioner",
    "Prerequisite",
    "PublicHoliday",
    "Representative",
    "Service",
]
