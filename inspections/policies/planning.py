"""What the law allows to be planned, and who can be in the team of a visit."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from inspections.models import Campaign, ChecklistVersion, Competence, Visit
from inspections.policies.visits import FILLABLE
from inspections.states import CampaignState, Purpose, VisitState
from registry.accounts.models import User
from registry.accounts.states import Role
from registry.core.errors import Refused
from registry.models import Facility, Interest
from registry.states import OperationalStatus


@dataclass(frozen=True)
class Fitness:
    """What decides whether one person can visit one facility with one checklist on one day."""

    person: User
    interested: bool
    trained_until: date | None
    """The last day of the competence that covers the day; None where none does."""


def check_can_plan(facility: Facility, planned_on: date, today: date) -> None:
    if facility.operational_status == OperationalStatus.CLOSED:
        raise Refused(_("This facility is closed; there is nothing to visit."), code="facility_closed")
    if planned_on < today:
        raise Refused(_("A visit is planned for today or later."), code="planned_in_the_past")


def check_nothing_under_way(facility: Facility, purpose: str = "", campaign: Campaign | None = None) -> None:
    """No visit is in progress, and none of this purpose planned, unless it still waits for somebody to take it."""
    visits = facility.visits.filter(state__in=(VisitState.PLANNED, VisitState.IN_PROGRESS))
    for visit in visits:
        if visit.state == VisitState.IN_PROGRESS or (
            visit.purpose == purpose and (visit.inspector_id or visit.campaign != campaign)
        ):
            raise Refused(
                _("A visit to this facility is already planned or in progress."), code="visit_already_under_way"
            )


def check_has_lead(purpose: str, inspector: User | None) -> None:
    """A routine visit without inspector follows the standing by itself; nobody sets its day by hand."""
    if purpose == Purpose.ROUTINE and inspector is None:
        raise Refused(_("Choose who leads this visit."), code="no_inspector")


def check_purpose(purpose: str, facility: Facility, campaign: Campaign | None, *, on_request: bool) -> None:
    """Repeats are drawn by lot, re-inspections are granted on request, and a campaign visits those that it reaches."""
    if purpose == Purpose.BACK_CHECK:
        raise Refused(_("A repeat of a visit is drawn by lot; nobody chooses it."), code="drawn_by_lot")
    if purpose == Purpose.REINSPECTION and not on_request:
        raise Refused(_("Record the facility's request first, and grant it."), code="no_request")
    if purpose == Purpose.CAMPAIGN and campaign is None:
        raise Refused(_("Say which campaign the visit belongs to."), code="no_campaign")
    if campaign is not None and (
        campaign.state != CampaignState.RUNNING or not campaign.targets.filter(facility=facility).exists()
    ):
        raise Refused(_("This campaign is over, or does not reach this facility."), code="not_in_campaign")


def check_checklist_fits(facility: Facility, version: ChecklistVersion) -> None:
    if not version.checklist.facility_types.filter(pk=facility.type_id).exists():
        raise Refused(
            _("“%(checklist)s” is not for facilities of this type.") % {"checklist": version.checklist},
            code="other_facility_type",
        )


def check_can_assign(visit: Visit) -> None:
    if visit.state != VisitState.PLANNED and visit.state not in FILLABLE:
        raise Refused(
            _("This visit is “%(state)s”; its team stays as it is.") % {"state": visit.get_state_display()},
            code="team_stays",
        )


def check_can_move_day(visit: Visit) -> None:
    if visit.state != VisitState.PLANNED:
        raise Refused(_("A visit that is begun keeps its day."), code="begun")


def fitness_of(
    people: Iterable[User], facility: Facility, version: ChecklistVersion | None, on: date
) -> dict[User, Fitness]:
    """Of each of these people, what decides about the team of a visit on that day. Two queries for all of them."""
    found = {person.pk: person for person in people}
    ties = Interest.objects.in_force(on).in_facility(facility).filter(person__in=found)
    interested = set(ties.values_list("person", flat=True))
    trained: dict[int, date] = {}
    if version is not None:
        competences = Competence.objects.in_force(on).filter(person__in=found, checklist=version.checklist_id)
        trained = dict(competences.order_by("valid_until").values_list("person", "valid_until"))
    return {person: Fitness(person, key in interested, trained.get(key)) for key, person in found.items()}


def check_fit_for_team(fitness: Fitness, facility: Facility, version: ChecklistVersion | None, on: date) -> None:
    """An active inspector of the facility's province, without an interest there, trained where the checklist asks."""
    person = fitness.person
    if not person.is_active or person.role != Role.INSPECTOR or person.province_id != facility.province_id:
        raise Refused(_("Choose an inspector of the facility's own province."), code="wrong_inspector")
    if fitness.interested:
        raise Refused(
            _("%(person)s has declared an interest in this facility.") % {"person": person}, code="has_an_interest"
        )
    if version is not None and version.checklist.training_needed and fitness.trained_until is None:
        raise Refused(
            _("%(person)s is not trained for the checklist “%(checklist)s” on %(day)s.")
            % {"person": person, "checklist": version.checklist, "day": date_format(on)},
            code="not_trained",
        )


def check_team_is_fit(team: Collection[User], facility: Facility, version: ChecklistVersion | None, on: date) -> None:
    for fitness in fitness_of(team, facility, version, on).values():
        check_fit_for_team(fitness, facility, version, on)


def check_sections_are_known(team: Mapping[User, Collection[str]], version: ChecklistVersion | None) -> None:
    asked = {code for codes in team.values() for code in codes}
    known = set(version.sections.values_list("code", flat=True)) if asked and version else set()
    if unknown := sorted(asked - known):
        raise Refused(_("The checklist has no section “%(code)s”.") % {"code": unknown[0]}, code="unknown_section")


def check_has_stated(visit: Visit, user: User) -> None:
    """Nobody works on a visit before stating to have no interest there.

    A visit without a team on record has its inspector alone, who has stated nothing that could be looked up.
    """
    members = {member.person_id: member.stated_at for member in visit.members.all()}
    if members and members.get(user.pk) is None:
        raise Refused(_("First state that you have no interest in this facility."), code="not_stated")
