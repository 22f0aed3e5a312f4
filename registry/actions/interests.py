"""What ties people of the authority to facilities and operators."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from registry import permissions, policies
from registry.accounts.models import User
from registry.audit.actions import record
from registry.events import interest_declared
from registry.models import Facility, Interest, Operator


@transaction.atomic
def declare(
    *,
    person: User,
    facility: Facility | None = None,
    operator: Operator | None = None,
    nature: str,
    by: User,
    at: datetime,
) -> Interest:
    """From today on the person must not decide about the facility, or about all facilities of the operator.

    Raises NotPermitted, or Refused where the same is declared already or nothing is said.
    """
    permissions.check_may_declare(by, person)
    # Two declarations at once would both find none.
    User.objects.select_for_update(no_key=True).get(pk=person.pk)
    today = timezone.localdate(at)
    policies.check_can_declare(person, facility=facility, operator=operator, nature=nature, on=today)
    interest = Interest.objects.create(
        person=person, facility=facility, operator=operator, nature=nature, declared_on=today
    )
    record(verb="interest.declared", subject=interest, by=by, at=at, facts={"person": person.get_username()})
    transaction.on_commit(lambda: interest_declared.send_robust(Interest, person=person, at=at))
    return interest


@transaction.atomic
def end(*, interest: Interest, reason: str, by: User, at: datetime) -> Interest:
    """From today on the interest is no more. Raises NotPermitted, or Refused where it ended before."""
    interest = (
        Interest.objects.select_for_update(of=("self",), no_key=True).select_related("person").get(pk=interest.pk)
    )
    permissions.check_may_declare(by, interest.person)
    policies.check_can_end(interest, reason=reason)
    interest.ended_on = timezone.localdate(at)
    interest.save(update_fields=["ended_on"])
    facts = {"person": interest.person.get_username()}
    record(verb="interest.ended", subject=interest, by=by, at=at, reason=reason, facts=facts)
    return interest
