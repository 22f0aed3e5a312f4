from inspections.forms.evidence import FacilitySignatureForm, InspectorSignatureForm, PhotoForm
from inspections.forms.filling import CarriedForm, SectionForm, ServicesForm
from inspections.forms.planning import PlanForm, StatementForm, TeamForm
from inspections.forms.visits import ReasonForm, SubmitForm

__all__ = [
    "CarriedForm",
    "FacilitySignatureForm",
    "InspectorSignatureForm",
    "PhotoForm",
    "PlanForm",
    "ReasonForm",
    "SectionForm",
    "ServicesForm",
    "StatementForm",
    "SubmitForm",
    "TeamForm",
]
