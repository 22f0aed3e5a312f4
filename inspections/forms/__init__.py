from inspections.forms.filling import SectionForm, ServicesForm
from inspections.forms.visits import PlanForm, ReasonForm, SubmitForm

__all__ = ["PlanForm", "ReasonForm", "SectionForm", "ServicesForm", "SubmitForm"]
