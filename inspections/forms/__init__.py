from inspections.forms.evidence import FacilitySignatureForm, InspectorSignatureForm, PhotoForm
from inspections.forms.filling import ArrivalForm, CarriedForm, SectionForm, ServicesForm
from inspections.forms.planning import PlanForm, StatementForm, TeamForm
from inspections.forms.requests import GrantForm, RequestForm
from inspections.forms.rulesets import PublishRulesetForm, RulesetForm
from inspections.forms.visits import ReasonForm, SubmitForm

__all__ = [
    "ArrivalForm",
    "CarriedForm",
    "FacilitySignatureForm",
    "GrantForm",
    "InspectorSignatureForm",
    "PhotoForm",
    "PlanForm",
    "PublishRulesetForm",
    "ReasonForm",
    "RequestForm",
    "RulesetForm",
    "SectionForm",
    "ServicesForm",
    "StatementForm",
    "SubmitForm",
    "TeamForm",
]
