from licensing.forms.licences import EndForm, ReasonForm, RecordLicenceForm

__all__ = ["EndForm", "ReasonForm", "RecordLicenceForm"]
