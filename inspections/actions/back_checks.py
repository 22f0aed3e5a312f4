"""Visits are drawn to be repeated, and the repeat is given to somebody else."""

from datetime import date, datetime
from decimal import Decimal
from uuid import uuid4

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from inspections import policies
from inspections.actions.visits.teams import write_team
from inspections.models import BackCheck, BackCheckRound, Visit
from inspections.permissions.back_checks import check_may_assign_repeat, check_may_draw
from inspections.policies.back_checks import check_can_assign_repeat, check_can_draw, check_drew_something
from inspections.rules import sampling
from inspections.states import Purpose
from registry.accounts.models import User
from registry.audit.actions import record as record_event
from registry.models import Facility
from registry.states import OperationalStatus

ONE_DRAW_AT_A_TIME = 0x6261636B
"""Key of the advisory lock under which rounds are drawn, so that the second sees what the first has taken."""


@transaction.atomic
def draw(*, from_on: date, until_on: date, percent: Decimal, seed: int, by: User, at: datetime) -> BackCheckRound:
    """A random sample of the approved visits of a period, stratified by province and inspector, is to be repeated.

    The same seed over the same visits draws the same sample (`rules.sampling`); a visit is drawn once in its life.
    Raises NotPermitted, or Refused where the period is not over, the round was drawn before or nothing is left.
    """
    check_may_draw(by)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_DRAW_AT_A_TIME])
    check_can_draw(from_on=from_on, until_on=until_on, percent=percent, seed=seed, today=timezone.localdate(at))
    strata = {
        str(uuid): (pk, f"{province} · {inspector}")
        for pk, uuid, province, inspector in population(from_on, until_on).values_list(
            "pk", "uuid", "facility__province__code", "inspector__username"
        )
    }
    drawn = sampling.sample(((key, stratum) for key, (_pk, stratum) in strata.items()), percent=percent, seed=seed)
    check_drew_something(len(drawn))
    made = BackCheckRound.objects.create(
        from_on=from_on, until_on=until_on, percent=percent, seed=seed, drawn_at=at, drawn_by=by
    )
    BackCheck.objects.bulk_create(
        BackCheck(round=made, original_id=strata[key][0], stratum=strata[key][1]) for key in drawn
    )
    facts = {"visits": len(strata), "drawn": len(drawn), "percent": str(percent), "seed": seed}
    record_event(verb="back_check_round.drawn", subject=made, by=by, at=at, facts=facts)
    return made


def population(from_on: date, until_on: date) -> QuerySet[Visit]:
    """Visits of a period, both days included, that can be drawn: counting, by an inspector, with a checklist, at a
    facility that is not closed, and not drawn before. Nothing is written."""
    return (
        Visit.objects.counting()
        .filter(
            visited_on__range=(from_on, until_on),
            inspector__isnull=False,
            checklist_version__isnull=False,
            back_check=None,
        )
        .exclude(facility__operational_status=OperationalStatus.CLOSED)
    )


@transaction.atomic
def assign(*, check: BackCheck, inspector: User, planned_on: date, by: User, at: datetime) -> Visit:
    """The repeat is planned: not announced, by another inspector, with the first visit's checklist version and ruleset.

    Raises NotPermitted, or Refused where it is assigned already, the facility is closed or the inspector is not fit
    for it or may know the first result.
    """
    check_may_assign_repeat(by, check)
    joined = BackCheck.objects.select_related(
        "original__facility", "original__checklist_version__checklist", "original__ruleset", "repeat"
    )
    check = joined.select_for_update(of=("self",), no_key=True).get(pk=check.pk)
    original = check.original
    Facility.objects.select_for_update(no_key=True).get(pk=original.facility_id)
    check_can_assign_repeat(check, inspector, planned_on, timezone.localdate(at))
    policies.check_team_is_fit([inspector], original.facility, original.checklist_version, planned_on)
    policies.check_nothing_under_way(original.facility, Purpose.BACK_CHECK)
    visit = Visit.objects.create(
        uuid=uuid4(),
        facility=original.facility,
        purpose=Purpose.BACK_CHECK,
        checklist_version=original.checklist_version,
        ruleset=original.ruleset,
        inspector=inspector,
        planned_on=planned_on,
        created_at=at,
    )
    write_team(visit, {inspector: ()}, by=by, at=at)
    check.repeat = visit
    check.save()
    facts = {"planned_on": planned_on.isoformat(), "inspector": inspector.get_username(), "repeat": visit.number}
    record_event(verb="back_check.assigned", subject=check, by=by, at=at, facts=facts)
    return visit
