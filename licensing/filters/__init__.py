from licensing.filters.fees import InvoiceFilter
from licensing.filters.licences import LicenceFilter

__all__ = ["InvoiceFilter", "LicenceFilter"]
