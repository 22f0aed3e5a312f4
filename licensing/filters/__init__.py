from licensing.filters.applications import AppealFilter, ApplicationFilter, QueueFilter
from licensing.filters.fees import InvoiceFilter
from licensing.filters.licences import AuthorisationFilter, ConditionFilter, LicenceFilter
from licensing.filters.networks import NetworkFilter

__all__ = [
    "AppealFilter",
    "ApplicationFilter",
    "AuthorisationFilter",
    "ConditionFilter",
    "InvoiceFilter",
    "LicenceFilter",
    "NetworkFilter",
    "QueueFilter",
]
