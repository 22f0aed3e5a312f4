"""Who is taught what, and may therefore inspect with which checklist until when."""

from collections.abc import Collection
from datetime import date, datetime

from dateutil.relativedelta import relativedelta
from django.db import transaction
from django.utils import timezone

from inspections import permissions, policies
from inspections.models import Checklist, Competence, Course, TrainingSession
from registry.accounts.models import User
from registry.areas.models import Area
from registry.audit.actions import record as record_event


@transaction.atomic
def add_course(
    *,
    code: str,
    name_km: str,
    name_en: str,
    checklists: Collection[Checklist],
    valid_months: int,
    by: User,
    at: datetime,
) -> Course:
    """A course that makes competent for these checklists. Raises NotPermitted, or Refused where the code is taken."""
    permissions.check_may_keep_courses(by)
    policies.check_can_add_course(code, checklists)
    course = Course.objects.create(code=code, name_km=name_km, name_en=name_en, valid_months=valid_months)
    course.checklists.set(checklists)
    facts = {"checklists": sorted(checklist.code for checklist in checklists), "valid_months": valid_months}
    record_event(verb="course.created", subject=course, by=by, at=at, facts=facts)
    return course


@transaction.atomic
def record_training(
    *,
    course: Course,
    held_on: date,
    province: Area | None = None,
    place: str,
    trainer: str,
    participants: Collection[User],
    by: User,
    at: datetime,
) -> TrainingSession:
    """The course was held; each participant is competent for its checklists from that day for the course's months.

    Raises NotPermitted, or Refused where the day lies ahead, nobody came, or somebody is no inspector.
    """
    permissions.check_may_record_training(by, participants)
    policies.check_can_record_training(course, held_on, participants, today=timezone.localdate(at))
    session = TrainingSession.objects.create(
        course=course,
        held_on=held_on,
        province=province,
        place=place,
        trainer=trainer,
        recorded_at=at,
        recorded_by=by,
    )
    until = held_on + relativedelta(months=course.valid_months, days=-1)
    checklists = list(course.checklists.all())
    Competence.objects.bulk_create(
        Competence(
            person=person,
            checklist=checklist,
            session=session,
            valid_from=held_on,
            valid_until=until,
            recorded_at=at,
            recorded_by=by,
        )
        for person in participants
        for checklist in checklists
    )
    facts = {
        "held_on": held_on.isoformat(),
        "participants": sorted(person.get_username() for person in participants),
        "valid_until": until.isoformat(),
    }
    record_event(verb="training.recorded", subject=session, by=by, at=at, facts=facts)
    return session


@transaction.atomic
def end(*, competence: Competence, on: date, reason: str, by: User, at: datetime) -> Competence:
    """`on` is the last day of the competence. Raises NotPermitted, or Refused: not within its time, or no reason."""
    joined = Competence.objects.select_related("person", "checklist")
    competence = joined.select_for_update(of=("self",), no_key=True).get(pk=competence.pk)
    permissions.check_may_record_training(by, [competence.person])
    policies.check_can_end_competence(competence, on=on, reason=reason)
    competence.valid_until = on
    competence.save(update_fields=["valid_until"])
    facts = {"person": competence.person.get_username(), "last_day": on.isoformat()}
    record_event(verb="competence.ended", subject=competence, by=by, at=at, reason=reason, facts=facts)
    return competence
