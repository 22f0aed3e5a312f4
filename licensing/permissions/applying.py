"""Who may apply, and who may change an application that is with the applicant."""

from typing import Any

from django.utils.translation import gettext as _

from licensing.models import Application, LicenceType
from licensing.permissions.roles import has_role
from registry.accounts.states import Role
from registry.core.errors import NotPermitted
from registry.models import Facility, Operator, Representative
from registry.states import Authority


def check_may_apply(user: Any) -> None:
    """People of an operator, and on their behalf those who take in applications on paper."""
    if not any(has_role(user, role) for role in (Role.OPERATOR, Role.LICENSING_OFFICER, Role.PROVINCIAL_MANAGER)):
        raise NotPermitted(
            _("Only operators apply, and licensing officers and provincial managers for them."), code="not_an_applicant"
        )


def check_may_apply_for(user: Any, operator: Operator, facility: Facility | None) -> None:
    """A person of an operator for this operator alone, a provincial manager for sites of the own province."""
    check_may_apply(user)
    if has_role(user, Role.OPERATOR) and not _represents(user, operator):
        raise NotPermitted(_("You do not act for this operator."), code="not_a_representative")
    if has_role(user, Role.PROVINCIAL_MANAGER) and facility is not None and facility.province_id != user.province_id:
        raise NotPermitted(_("This place is not in your province."), code="another_province")


def check_may_change(user: Any, application: Application) -> None:
    """What an operator entered is its own while somebody acts for it; all else also of those who take in paper."""
    check_may_apply_for(user, application.operator, application.facility)
    if has_role(user, Role.OPERATOR) or application.created_by.role != Role.OPERATOR:
        return
    acting = Representative.objects.in_force().filter(operator=application.operator_id, person__is_active=True)
    if acting.exists():
        raise NotPermitted(
            _("The operator applied in an own account, and changes the application there."), code="not_on_paper"
        )


def check_may_place(user: Any, area_code: str) -> None:
    """A provincial manager describes new sites in the own province, and nowhere else."""
    if has_role(user, Role.PROVINCIAL_MANAGER) and area_code and not area_code.startswith(user.province.code):
        raise NotPermitted(_("This place is not in your province."), code="another_province")


def check_may_hand_in(user: Any, application: Application, type: LicenceType) -> None:
    """A provincial manager hands in what the provinces decide; the rest is the ministry's to take in."""
    check_may_change(user, application)
    if has_role(user, Role.PROVINCIAL_MANAGER) and type.authority != Authority.PROVINCE:
        raise NotPermitted(
            _("The ministry decides on a “%(type)s”: a licensing officer takes in this application.") % {"type": type},
            code="of_the_ministry",
        )


def _represents(user: Any, operator: Operator) -> bool:
    return Representative.objects.in_force().filter(person=user, operator=operator).exists()
