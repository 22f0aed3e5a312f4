from typing import Any

from django.utils.translation import gettext as _

from enforcement.models import Complaint
from registry.accounts.states import Role
from registry.core.errors import NotPermitted

MAY_SWEEP = (Role.ENFORCEMENT_OFFICER, Role.ADMINISTRATOR)


def may_sweep(user: Any) -> bool:
    return user.is_active and user.role in MAY_SWEEP


def check_may_sweep(user: Any) -> None:
    """Starting a sweep by hand is for those who work its flags and those who run the register."""
    if not may_sweep(user):
        raise NotPermitted(_("Only enforcement officers and administrators start a sweep."), code="may_not_sweep")


def check_may_triage(user: Any, complaint: Complaint) -> None:
    """Read, rank, give to somebody: an enforcement officer, or a manager of the complaint's province."""
    if user.is_active and user.role == Role.ENFORCEMENT_OFFICER:
        return
    if not (
        user.is_active
        and user.role == Role.PROVINCIAL_MANAGER
        and user.province_id is not None
        and user.province_id == complaint.province_id
    ):
        raise NotPermitted(
            _("Complaints are handled by enforcement officers and by the managers of their province."),
            code="not_a_handler_of_complaints",
        )


def check_may_handle(user: Any, complaint: Complaint) -> None:
    """Once it is given to a person, that person and nobody else; anybody who may triage can have it given anew."""
    check_may_triage(user, complaint)
    if complaint.handler_id is not None and complaint.handler_id != user.pk:
        raise NotPermitted(
            _("This complaint is handled by %(person)s.") % {"person": complaint.handler}, code="handled_by_another"
        )


def check_may_read_contact(user: Any, complaint: Complaint) -> None:
    """The enforcement officer who handles the complaint. Provinces answer the complainant without knowing who it is."""
    if not (user.is_active and user.role == Role.ENFORCEMENT_OFFICER and complaint.handler_id == user.pk):
        raise NotPermitted(
            _("Who made a complaint is known only to the enforcement officer who handles it."),
            code="identity_protected",
        )
