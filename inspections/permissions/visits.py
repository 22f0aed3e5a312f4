"""Who may do what with a visit. Whoever may not even see it never gets here: that is 404."""

from collections.abc import Collection

from django.utils.translation import gettext as _

from inspections.models import Visit
from registry.accounts.models import User
from registry.accounts.states import Role
from registry.core.errors import NotPermitted

DECIDERS = (Role.PROVINCIAL_MANAGER, Role.APPROVER)


def check_may_lead(user: User, visit: Visit) -> None:
    """Start and hand in: the inspector who leads the visit, in the inspector's own province."""
    if user.role != Role.INSPECTOR or visit.inspector_id != user.pk or user.province_id != visit.facility.province_id:
        raise NotPermitted(_("Only the inspector of this visit may do this."), code="not_own_visit")


def check_may_work_on(user: User, visit: Visit) -> None:
    """Fill in: the team of the visit, that is whoever leads it and its members, in their own province."""
    at_home = user.role == Role.INSPECTOR and user.province_id == visit.facility.province_id
    if not (at_home and user.pk != visit.inspector_id and visit.members.filter(person=user).exists()):
        check_may_lead(user, visit)


def check_may_answer(user: User, visit: Visit, sections: Collection[str]) -> None:
    """A section (code) that belongs to somebody of the team is answered by nobody else."""
    for code, owners in owners_of_sections(visit).items():
        if code in sections and user not in owners:
            names = ", ".join(str(owner) for owner in owners)
            raise NotPermitted(
                _("The section “%(section)s” is answered by %(person)s.") % {"section": code, "person": names},
                code="section_of_another",
            )


def owners_of_sections(visit: Visit) -> dict[str, list[User]]:
    """Who answers which section (code); a section that is not named is everybody's. One query."""
    owners: dict[str, list[User]] = {}
    for member in visit.members.select_related("person").order_by("pk"):
        for code in member.sections:
            owners.setdefault(code, []).append(member.person)
    return owners


def check_may_decide(user: User, visit: Visit) -> None:
    """Approve or return: a manager of the province or an approver of the ministry, and never of an own visit."""
    if user.role not in DECIDERS or (
        user.role == Role.PROVINCIAL_MANAGER and user.province_id != visit.facility.province_id
    ):
        raise NotPermitted(
            _("Visits are decided by the manager of the province or by an approver of the ministry."),
            code="not_decider",
        )
    if user.pk in (visit.inspector_id, visit.submitted_by_id) or visit.members.filter(person=user).exists():
        raise NotPermitted(_("Nobody decides about an own visit."), code="own_visit")


def check_may_cancel(user: User, visit: Visit) -> None:
    """The visit's inspector, or a manager of the province."""
    if user.role == Role.PROVINCIAL_MANAGER and user.province_id == visit.facility.province_id:
        return
    check_may_lead(user, visit)
