"""Who says who is trained for what."""

from collections.abc import Collection

from django.utils.translation import gettext as _

from registry.accounts.models import User
from registry.accounts.states import Role
from registry.core.errors import NotPermitted


def check_may_keep_courses(user: User) -> None:
    if user.role != Role.ADMINISTRATOR:
        raise NotPermitted(_("Courses are kept by administrators."), code="not_administrator")


def check_may_record_training(user: User, people: Collection[User] = ()) -> None:
    """An administrator for everybody, a manager for the people of the own province, nobody for oneself."""
    if user.role not in (Role.ADMINISTRATOR, Role.PROVINCIAL_MANAGER) or user in people:
        raise NotPermitted(_("Trainings are recorded by managers and administrators."), code="not_manager")
    if user.role == Role.PROVINCIAL_MANAGER and any(person.province_id != user.province_id for person in people):
        raise NotPermitted(_("This person is not of your province."), code="another_province")
