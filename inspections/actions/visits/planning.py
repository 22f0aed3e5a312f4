"""A visit is planned, and called off."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone

from inspections import permissions, policies
from inspections.actions import letters
from inspections.actions.visits.locking import in_force, lock
from inspections.actions.visits.teams import Team, names, write_team
from inspections.models import Campaign, ChecklistVersion, Visit
from inspections.states import VisitState
from registry.accounts.models import User
from registry.audit.actions import record as record_event
from registry.models import Facility


@transaction.atomic
def plan(
    *,
    facility: Facility,
    inspector: User | None,
    checklist_version: ChecklistVersion,
    planned_on: date,
    purpose: str,
    announced: bool = False,
    members: Mapping[User, Collection[str]] | None = None,
    campaign: Campaign | None = None,
    on_request: bool = False,
    uuid: UUID | None = None,
    by: User,
    at: datetime,
) -> Visit:
    """A visit is planned for a day and a team: its lead and, with the codes of their own sections, the `members`.

    Takes over the visit of this purpose that waits for somebody, so that none is planned twice. Raises NotPermitted,
    or Refused where the facility is closed, another visit is under way, somebody is not fit for the team, the day is
    past, the purpose has its own way (`on_request`: a re-inspection is being granted), nobody leads a routine visit, or
    the checklist is for other types or has no version or ruleset in force.
    """
    facility = Facility.objects.select_for_update(no_key=True).get(pk=facility.pk)
    permissions.check_may_plan(by, facility, inspector)
    today = timezone.localdate(at)
    policies.check_can_plan(facility, planned_on, today)
    policies.check_purpose(purpose, facility, campaign, on_request=on_request)
    policies.check_has_lead(purpose, inspector)
    policies.check_nothing_under_way(facility, purpose, campaign)
    version, ruleset = in_force(checklist_version, max(planned_on, today))
    policies.check_checklist_fits(facility, version)
    team: Team = ({inspector: ()} if inspector else {}) | dict(members or {})
    permissions.check_may_bring(by, team)
    policies.check_team_is_fit(team, facility, version, planned_on)
    policies.check_sections_are_known(team, version)
    waiting = facility.visits.filter(state=VisitState.PLANNED, purpose=purpose)
    visit = waiting.select_for_update(no_key=True).first() or Visit(
        uuid=uuid or uuid4(), facility=facility, purpose=purpose, created_at=at
    )
    visit.inspector, visit.planned_on, visit.announced, visit.campaign = inspector, planned_on, announced, campaign
    visit.checklist_version, visit.ruleset = version, ruleset
    visit.save()
    write_team(visit, team, by=by, at=at)
    facts = {
        "planned_on": planned_on.isoformat(),
        "inspector": inspector.get_username() if inspector else "",
        "purpose": purpose,
        "team": names(team),
    }
    record_event(verb="visit.planned", subject=visit, by=by, at=at, facts=facts)
    if inspector is None:
        letters.requested(visit, by=by, at=at)
    return visit


@transaction.atomic
def cancel(*, visit: Visit, reason: str, by: User, at: datetime) -> Visit:
    """The visit will not take place; its answers, if any, are kept. Raises NotPermitted or Refused."""
    visit = lock(visit)
    permissions.check_may_cancel(by, visit)
    policies.check_can_move(visit, VisitState.CANCELLED)
    policies.check_reason(reason)
    visit.state, visit.reason = VisitState.CANCELLED, reason
    visit.save()
    record_event(verb="visit.cancelled", subject=visit, by=by, at=at, reason=reason)
    return visit
