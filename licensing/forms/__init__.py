from licensing.forms.fees import DayRangeForm, PaymentForm, RefundForm, RielField
from licensing.forms.licences import EndForm, ReasonForm, RecordLicenceForm

__all__ = ["DayRangeForm", "EndForm", "PaymentForm", "ReasonForm", "RecordLicenceForm", "RefundForm", "RielField"]
