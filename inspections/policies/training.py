"""What a course, a training and a competence have to be."""

from collections.abc import Collection
from datetime import date

from django.utils.translation import gettext as _

from inspections.models import Checklist, Competence, Course
from registry.accounts.models import User
from registry.accounts.states import Role
from registry.core.errors import Refused


def check_can_add_course(code: str, checklists: Collection[Checklist]) -> None:
    if Course.objects.filter(code=code).exists():
        raise Refused(_("There is a course “%(code)s” already.") % {"code": code}, code="code_taken")
    if not checklists:
        raise Refused(_("Choose the checklists for which the course trains."), code="no_checklist")


def check_can_record_training(course: Course, held_on: date, participants: Collection[User], *, today: date) -> None:
    if held_on > today:
        raise Refused(_("A training is recorded once it was held."), code="held_in_the_future")
    if not participants:
        raise Refused(_("Choose who took part."), code="nobody_came")
    for person in participants:
        if not person.is_active or person.role != Role.INSPECTOR:
            raise Refused(_("%(person)s is no inspector.") % {"person": person}, code="no_inspector")
    if not course.checklists.exists():
        raise Refused(_("This course trains for no checklist."), code="no_checklist")


def check_can_end_competence(competence: Competence, *, on: date, reason: str) -> None:
    """It ends earlier than it would, not before it began."""
    if not competence.valid_from <= on < competence.valid_until:
        raise Refused(_("Choose a day within the time for which the competence was given."), code="not_within")
    if not reason.strip():
        raise Refused(_("Give a reason."), code="no_reason")
