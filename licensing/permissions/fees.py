"""Who may do what with invoices."""

from typing import Any

from django.utils.translation import gettext as _

from licensing.models import Application, Invoice, Payment
from licensing.permissions.roles import has_role
from registry.accounts.states import Role
from registry.core.errors import NotPermitted

RECONCILERS = (
    Role.LICENSING_OFFICER,
    Role.PROVINCIAL_MANAGER,
    Role.APPROVER,
    Role.AUDITOR,
    Role.ADMINISTRATOR,
)


def check_may_issue_invoice(user: Any, application: Application) -> None:
    """Whoever hands in the application, and those who take the money."""
    if user.pk not in (application.created_by_id, application.submitted_by_id):
        _check_keeps_money(user, application)


def check_may_record_payment(user: Any, invoice: Invoice) -> None:
    _check_keeps_money(user, invoice.application)


def check_may_cancel_invoice(user: Any, invoice: Invoice) -> None:
    _check_keeps_money(user, invoice.application)


def check_may_refund(user: Any, payment: Payment) -> None:
    """An approver, and never who took the money."""
    if not has_role(user, Role.APPROVER):
        raise NotPermitted(_("Only an approver pays money back."), code="not_an_approver")
    if user.pk == payment.recorded_by_id:
        raise NotPermitted(_("You recorded this payment. Somebody else must pay it back."), code="own_payment")


def check_may_reconcile(user: Any) -> None:
    """Whoever keeps or checks the money; each for what they see."""
    if not any(has_role(user, role) for role in RECONCILERS):
        raise NotPermitted(_("Your role does not work on payments."), code="not_a_keeper_of_money")


def _check_keeps_money(user: Any, application: Application) -> None:
    """A licensing officer anywhere, a provincial manager in the own province."""
    if has_role(user, Role.LICENSING_OFFICER):
        return
    if not has_role(user, Role.PROVINCIAL_MANAGER):
        raise NotPermitted(
            _("Only licensing officers and provincial managers work on invoices."), code="not_a_keeper_of_money"
        )
    if application.facility is None or application.facility.province_id != user.province_id:
        raise NotPermitted(_("This application is not of your province."), code="another_province")
