"""Who does what with an application that is with the authority: different people, none with an interest."""

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from licensing.models import Application
from licensing.permissions.roles import has_role
from licensing.states import Part
from registry.accounts.states import Role
from registry.core.errors import NotPermitted
from registry.models import Interest
from registry.states import Authority


def check_may_see_the_queue(user: Any) -> None:
    if not any(has_role(user, role) for role in (Role.LICENSING_OFFICER, Role.PROVINCIAL_MANAGER, Role.APPROVER)):
        raise NotPermitted(
            _("Applications wait for licensing officers, approvers and provincial managers."), code="no_queue"
        )


def check_may_take_up(user: Any, application: Application) -> None:
    """To be the reviewer, by one's own choice or a colleague's."""
    _check_is_officer(user, application)
    _check_is_fit(user, application, Part.REVIEW)


def check_may_work_on(user: Any, application: Application) -> None:
    """What the reviewer does until the review is signed."""
    check_may_take_up(user, application)
    if application.reviewer_id != user.pk:
        raise NotPermitted(
            _("%(reviewer)s reviews this application. Take it up first.") % {"reviewer": application.reviewer}
            if application.reviewer_id
            else _("Nobody reviews this application yet. Take it up first."),
            code="not_the_reviewer",
        )


def check_may_hand_over(user: Any, application: Application) -> None:
    """The reviewer, or an approver where the reviewer is away."""
    if not (user.is_authenticated and user.is_active and user.pk == application.reviewer_id):
        _check_is_decider(user, application)


def check_may_sign(user: Any, application: Application, part: Part) -> None:
    """Whether this person may answer for that part of this application."""
    if part == Part.REVIEW:
        check_may_work_on(user, application)
        return
    if part == Part.RECOMMENDATION:
        _check_is_officer(user, application)
        if user.pk == application.reviewer_id:
            raise NotPermitted(_("Who reviews an application does not recommend it."), code="signed_another_part")
    elif part == Part.DECISION:
        _check_is_decider(user, application)
    elif not has_role(user, Role.APPROVER):
        raise NotPermitted(_("Only an approver of the ministry countersigns."), code="not_an_approver")
    _check_is_fit(user, application, part)


def check_may_hear(user: Any, application: Application) -> None:
    """An appeal is heard by an approver who had no part in the application."""
    if not has_role(user, Role.APPROVER):
        raise NotPermitted(_("Only an approver of the ministry hears appeals."), code="not_an_approver")
    _check_is_fit(user, application, None)
    if application.appeals.filter(decided_at=None, lodged_by=user).exists():
        raise NotPermitted(_("You lodged this appeal. Somebody else hears it."), code="own_appeal")


def check_may_speak_for_applicant(user: Any, application: Application) -> None:
    """Whoever acts for the operator, or an officer who enters what came on paper."""
    if has_role(user, Role.OPERATOR):
        if not application.operator.representatives.filter(person=user, ended_on=None).exists():
            raise NotPermitted(_("You do not act for this operator."), code="another_operator")
        return
    _check_is_officer(user, application)


def is_of_province(user: Any, application: Application) -> bool:
    """Whether a province licenses this, and the person is its manager."""
    if not has_role(user, Role.PROVINCIAL_MANAGER) or application.type is None:
        return False
    if application.type.authority != Authority.PROVINCE or user.province_id is None:
        return False
    if application.facility is not None:
        return bool(application.facility.province_id == user.province_id)
    return str(application.proposal.get("area", "")).startswith(user.province.code)


def _check_is_officer(user: Any, application: Application) -> None:
    if not (has_role(user, Role.LICENSING_OFFICER) or is_of_province(user, application)):
        raise NotPermitted(
            _("Applications are reviewed by licensing officers; what a province licenses, by its managers too."),
            code="not_an_officer",
        )


def _check_is_decider(user: Any, application: Application) -> None:
    if not (has_role(user, Role.APPROVER) or is_of_province(user, application)):
        raise NotPermitted(
            _("Applications are decided by approvers; what a province licenses, by its managers too."),
            code="not_an_approver",
        )


def _check_is_fit(user: Any, application: Application, part: Part | None) -> None:
    """No other part signed, no interest, not in the team of the visit; who made the application decides nothing."""
    signed = application.signatures.filter(person=user).exclude(part=part).first()
    if signed is not None:
        raise NotPermitted(
            _("You signed another part of this application: “%(part)s”. Four different people are needed.")
            % {"part": signed.get_part_display()},
            code="signed_another_part",
        )
    facilities = [
        site for site in (application.facility, application.concerns and application.concerns.facility) if site
    ]
    operators = {application.operator_id, *(site.operator_id for site in facilities)} - {None}
    tied = Q(operator__in=operators) | Q(facility__in=facilities)
    if Interest.objects.filter(tied, person=user, ended_on=None).exists():
        raise NotPermitted(
            _("You have declared an interest in this facility or its operator. Somebody else decides."),
            code="has_an_interest",
        )
    visit = application.visit
    if visit is not None and (visit.inspector_id == user.pk or visit.members.filter(person=user).exists()):
        raise NotPermitted(_("You visited the site for this application. Somebody else decides."), code="visited")
    if part not in (Part.REVIEW, Part.RECOMMENDATION) and user.pk in (
        application.created_by_id,
        application.submitted_by_id,
    ):
        raise NotPermitted(_("You handed this application in. Somebody else decides."), code="own_application")
