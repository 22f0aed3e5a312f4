from licensing.models.application import Application
from licensing.models.application_parts import (
    Advice,
    Appeal,
    ApplicationDocument,
    ApplicationQuery,
    ApplicationService,
    ApplicationSignature,
)
from licensing.models.certificate import Certificate
from licensing.models.condition import Condition
from licensing.models.grant import Grant
from licensing.models.invoice import Invoice, Payment, Refund
from licensing.models.licence import Licence
from licensing.models.licence_type import LicenceType
from licensing.models.number_series import NumberSeries
from licensing.models.reasons import AdviceBody, RefusalReason
from licensing.models.renewal_reminder import RenewalReminder
from licensing.models.service_authorisation import ServiceAuthorisation
from licensing.models.signing_key import SigningKey
from licensing.models.suspension import Suspension
from licensing.models.terms import Fee, LicenceTerms, RequiredDocument

__all__ = [
    "Advice",
    "AdviceBody",
    "Appeal",
    "Application",
    "ApplicationDocument",
    "ApplicationQuery",
    "ApplicationService",
    "ApplicationSignature",
    "Certificate",
    "Condition",
    "Fee",
    "Grant",
    "Invoice",
    "Licence",
    "LicenceTerms",
    "LicenceType",
    "NumberSeries",
    "Payment",
    "Refund",
    "RefusalReason",
    "RenewalReminder",
    "RequiredDocument",
    "ServiceAuthorisation",
    "SigningKey",
    "Suspension",
]
