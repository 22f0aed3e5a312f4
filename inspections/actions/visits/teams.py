"""Who goes on a visit, and that each of them has no interest there."""

from collections.abc import Collection, Mapping
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from inspections import permissions, policies
from inspections.actions import letters
from inspections.actions.visits.locking import lock
from inspections.models import Visit, VisitMember
from inspections.states import VisitState
from registry.accounts.models import User
from registry.actions import interests
from registry.audit.actions import record as record_event
from registry.models import Interest

Team = Mapping[User, Collection[str]]
"""Each person of a team, its lead too, with the codes of the sections that only this person answers."""


@transaction.atomic
def assign(
    *,
    visit: Visit,
    lead: User,
    members: Team | None = None,
    planned_on: date | None = None,
    announced: bool | None = None,
    by: User,
    at: datetime,
) -> Visit:
    """These people go on the visit, `lead` in front; whoever stays in the team keeps the statement already made.

    Raises NotPermitted, or Refused where the visit is handed in, the new day is past, or somebody is not fit.
    """
    visit = lock(visit)
    permissions.check_may_assign(by, visit)
    permissions.check_may_plan(by, visit.facility, lead)
    policies.check_can_assign(visit)
    today = timezone.localdate(at)
    if planned_on is not None and planned_on != visit.planned_on:
        policies.check_can_move_day(visit)
        policies.check_can_plan(visit.facility, planned_on, today)
        visit.planned_on = planned_on
    team: Team = {lead: ()} | dict(members or {})
    permissions.check_may_bring(by, team)
    policies.check_team_is_fit(team, visit.facility, visit.checklist_version, max(visit.planned_on or today, today))
    policies.check_sections_are_known(team, visit.checklist_version)
    visit.inspector = lead
    if announced is not None:
        visit.announced = announced
    visit.save()
    write_team(visit, team, by=by, at=at)
    facts = {
        "inspector": lead.get_username(),
        "team": names(team),
        "planned_on": visit.planned_on and visit.planned_on.isoformat(),
    }
    record_event(verb="visit.assigned", subject=visit, by=by, at=at, facts=facts)
    return visit


@transaction.atomic
def state_no_interest(*, visit: Visit, by: User, at: datetime) -> VisitMember:
    """The member states to have no interest in the facility. Raises NotPermitted, or Refused where one is declared."""
    visit = lock(visit)
    permissions.check_is_in_team(by, visit)
    policies.check_can_assign(visit)
    policies.check_team_is_fit([by], visit.facility, visit.checklist_version, timezone.localdate(at))
    member, _new = VisitMember.objects.get_or_create(visit=visit, person=by)
    if member.stated_at is None:
        member.stated_at = at
        member.save(update_fields=["stated_at"])
        record_event(verb="visit.no_interest_stated", subject=visit, by=by, at=at)
    return member


@transaction.atomic
def declare_interest(*, visit: Visit, nature: str, by: User, at: datetime) -> Interest:
    """The member declares an interest in the facility and leaves the team. Raises NotPermitted or Refused."""
    visit = lock(visit)
    permissions.check_is_in_team(by, visit)
    policies.check_can_assign(visit)
    interest = interests.declare(person=by, facility=visit.facility, nature=nature, by=by, at=at)
    leave(person=by, at=at)
    return interest


@transaction.atomic
def leave(*, person: User, at: datetime) -> int:
    """The person leaves the teams of visits to facilities in which an interest is now declared; returns how many.

    Where the person led a planned visit, nobody leads it any more. A visit that is begun keeps its lead until a
    manager names another: somebody must answer for what is written there. Safe to repeat.
    """
    ties = list(Interest.objects.in_force(timezone.localdate(at)).filter(person=person))
    where = Q(facility__in=[tie.facility_id for tie in ties if tie.facility_id]) | Q(
        facility__operator__in=[tie.operator_id for tie in ties if tie.operator_id]
    )
    open_visits = Visit.objects.filter(
        where, state__in=(VisitState.PLANNED, VisitState.IN_PROGRESS, VisitState.RETURNED)
    ).filter(Q(inspector=person) | Q(members__person=person))
    count = 0
    for visit in open_visits.distinct().order_by("pk"):
        locked = lock(visit)
        leads = locked.inspector_id == person.pk
        if leads and locked.state != VisitState.PLANNED:
            continue
        locked.members.filter(person=person).delete()
        if leads:
            locked.inspector = None
            locked.save(update_fields=["inspector"])
        record_event(
            verb="visit.member_left", subject=locked, by=person, at=at, facts={"person": person.get_username()}
        )
        count += 1
    return count


def write_team(visit: Visit, team: Team, *, by: User, at: datetime) -> None:
    """Make the rows of the team say this; who stays keeps the statement made, who is new is told."""
    known = {member.person_id: member for member in visit.members.all()}
    wanted = {person.pk: sorted(sections) for person, sections in team.items()}
    visit.members.filter(person__in=known.keys() - wanted.keys()).delete()
    for key, sections in wanted.items():
        if key not in known:
            VisitMember.objects.create(visit=visit, person_id=key, sections=sections)
        elif known[key].sections != sections:
            visit.members.filter(person=key).update(sections=sections)
    letters.chosen(visit, [person for person in team if person.pk not in known], by=by, at=at)


def names(team: Team) -> list[str]:
    return sorted(person.get_username() for person in team)
