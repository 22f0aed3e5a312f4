from licensing.forms.fees import DayRangeForm, PaymentForm, RefundForm, RielField
from licensing.forms.licences import (
    ConditionForm,
    EndForm,
    MeetForm,
    ReasonForm,
    RecordAuthorisationForm,
    RecordLicenceForm,
    SurrenderForm,
    SuspendForm,
)

__all__ = [
    "ConditionForm",
    "DayRangeForm",
    "EndForm",
    "MeetForm",
    "PaymentForm",
    "ReasonForm",
    "RecordAuthorisationForm",
    "RecordLicenceForm",
    "RefundForm",
    "RielField",
    "SurrenderForm",
    "SuspendForm",
]
