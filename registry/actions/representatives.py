"""People who act for an operator in accounts of their own."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from registry import permissions, policies
from registry.accounts.actions import users
from registry.accounts.models import User
from registry.accounts.states import Role
from registry.audit.actions import record
from registry.models import Operator, Representative


@transaction.atomic
def open_account(
    *,
    operator: Operator,
    username: str,
    first_name: str,
    last_name: str,
    email: str = "",
    by: User,
    at: datetime,
) -> tuple[Representative, str]:
    """Somebody of the operator gets an account; with its first password, which is not kept and cannot be read again.

    Raises NotPermitted, or Refused where the name is taken.
    """
    permissions.check_may_appoint(by)
    person, password = users.create(
        username=username,
        role=Role.OPERATOR,
        first_name=first_name,
        last_name=last_name,
        email=email,
        by=by,
        at=at,
    )
    return appoint(operator=operator, person=person, by=by, at=at), password


@transaction.atomic
def appoint(*, operator: Operator, person: User, by: User, at: datetime) -> Representative:
    """Somebody with an operator's account acts for this operator too. Raises NotPermitted or Refused."""
    permissions.check_may_appoint(by)
    person = User.objects.select_for_update(no_key=True).get(pk=person.pk)
    policies.check_can_represent(person, operator)
    made = Representative.objects.create(operator=operator, person=person, appointed_at=at, appointed_by=by)
    facts = {"username": person.username, "operator": str(operator)}
    record(verb="representative.appointed", subject=made, by=by, at=at, facts=facts)
    return made


@transaction.atomic
def end(*, representative: Representative, reason: str, by: User, at: datetime) -> Representative:
    """The person no longer acts for the operator; who acts for nobody any more has the account closed.

    Raises NotPermitted, or Refused where it ended already.
    """
    permissions.check_may_appoint(by)
    person = User.objects.select_for_update(no_key=True).get(pk=representative.person_id)
    ended: Representative = Representative.objects.select_for_update(of=("self",)).get(pk=representative.pk)
    policies.check_can_end_representation(ended, reason=reason)
    ended.ended_on = timezone.localdate(at)
    ended.save(update_fields=["ended_on"])
    facts = {"username": person.username, "operator": str(ended.operator)}
    record(verb="representative.ended", subject=ended, by=by, at=at, reason=reason, facts=facts)
    if person.is_active and not Representative.objects.in_force().filter(person=person).exists():
        users.close(user=person, reason=reason, by=by, at=at)
    return ended


def renew_password(*, representative: Representative, by: User, at: datetime) -> str:
    """A new password for the person, which is not kept and cannot be read again. Raises NotPermitted or Refused."""
    permissions.check_may_appoint(by)
    policies.check_is_in_force(representative)
    return users.renew_password(user=representative.person, by=by, at=at)
