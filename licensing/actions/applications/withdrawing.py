"""The applicant no longer wants what was applied for."""

from datetime import datetime

from django.db import transaction

from licensing.actions.applications.locking import lock, save
from licensing.models import Application
from licensing.permissions.applying import check_may_change
from licensing.policies import applying as policies
from licensing.states import ApplicationState, InvoiceState
from registry.accounts.models import User
from registry.audit.actions import record as record_event


@transaction.atomic
def withdraw(*, application: Application, reason: str, by: User, at: datetime) -> Application:
    """Nothing more happens with the application, and a fee that was not paid is not asked for any more.

    Raises NotPermitted, or Refused where it is decided.
    """
    application = lock(application)
    check_may_change(by, application)
    policies.check_can_withdraw(application, reason=reason)
    application.state = ApplicationState.WITHDRAWN
    application.due_on, application.days_left = None, None
    save(application, "state", "due_on", "days_left", at=at)
    record_event(verb="application.withdrawn", subject=application, by=by, at=at, reason=reason)
    for invoice in application.invoices.select_for_update().filter(state=InvoiceState.OPEN):
        invoice.state, invoice.reason = InvoiceState.CANCELLED, reason
        invoice.save(update_fields=["state", "reason"])
        record_event(verb="invoice.cancelled", subject=invoice, by=by, at=at, reason=reason)
    return application
