from licensing.filters.applications import ApplicationFilter
from licensing.filters.fees import InvoiceFilter
from licensing.filters.licences import LicenceFilter

__all__ = ["ApplicationFilter", "InvoiceFilter", "LicenceFilter"]
