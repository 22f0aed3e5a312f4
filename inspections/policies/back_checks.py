"""What the rules allow when a visit is repeated."""

from datetime import date
from decimal import Decimal

from django.db.models import Q
from django.utils.translation import gettext as _

from inspections.models import BackCheck, BackCheckRound, Visit
from inspections.states import VisitState
from registry.accounts.models import User
from registry.core.errors import Refused
from registry.states import OperationalStatus


def check_can_draw(*, from_on: date, until_on: date, percent: Decimal, seed: int, today: date) -> None:
    """A whole period that is over, a share of it, and a seed that was not used for it before."""
    if until_on < from_on:
        raise Refused(_("The period ends before it begins."), code="period_not_whole")
    if until_on > today:
        raise Refused(_("The period is not over yet."), code="period_not_over")
    if not 0 < percent <= 100:
        raise Refused(_("Give a share above 0 and up to 100 per cent."), code="no_share")
    if BackCheckRound.objects.filter(from_on=from_on, until_on=until_on, seed=seed).exists():
        raise Refused(_("This round has been drawn already."), code="drawn_already")


def check_drew_something(drawn: int) -> None:
    if not drawn:
        raise Refused(
            _("In this period there is no approved visit by an inspector that is not drawn yet."),
            code="nothing_to_draw",
        )


def check_can_assign_repeat(check: BackCheck, inspector: User, planned_on: date, today: date) -> None:
    """Another inspector of the province, who has not been there since, and nobody has begun the repeat.

    Competence, interests and the province are looked after by the policies of planning.
    """
    repeat, facility = check.repeat, check.original.facility
    if repeat is not None and repeat.state != VisitState.CANCELLED:
        raise Refused(_("The repeat of this visit is assigned already."), code="assigned_already")
    if facility.operational_status == OperationalStatus.CLOSED:
        raise Refused(_("This facility is closed; there is nothing to visit."), code="facility_closed")
    if planned_on < today:
        raise Refused(_("A visit is planned for today or later."), code="planned_in_the_past")
    if knows_result(check.original, inspector):
        raise Refused(
            _("Choose an inspector who did not take part in the first visit and has not been there since."),
            code="not_another_inspector",
        )


def knows_result(original: Visit, person: User) -> bool:
    """Whether the person made the visit, or another one to the facility since, and so may know what was found."""
    since = Visit.objects.filter(facility=original.facility_id, visited_on__gte=original.visited_on)
    took_part = Q(inspector=person) | Q(members__person=person) | Q(submitted_by=person)
    return since.filter(took_part).exists()
