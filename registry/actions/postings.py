"""Who works where, and who answers for the place."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from registry import permissions, policies
from registry.accounts.models import User
from registry.actions.facilities import lock
from registry.audit.actions import record
from registry.models import Facility, Posting, Practitioner

DAY = timedelta(1)


@transaction.atomic
def begin(
    *,
    facility: Facility,
    practitioner: Practitioner,
    cadre: str,
    is_responsible: bool = False,
    valid_from: date,
    knowingly: bool = False,
    by: User,
    at: datetime,
) -> Posting:
    """The practitioner works in the facility from that day on; as its responsible person, another one is released.

    `knowingly`: although the person answers for other facilities already.
    Raises NotPermitted, or Refused where the days, the council licence or another posting stand against it.
    """
    facility = lock(facility)
    permissions.check_may_edit(by, facility)
    practitioner = _lock_practitioner(practitioner)
    policies.check_can_post(facility, practitioner, valid_from=valid_from, on=timezone.localdate(at))
    if is_responsible:
        policies.check_can_answer_for(facility, practitioner, on=valid_from, knowingly=knowingly)
        _release(facility, on=valid_from, by=by, at=at)
    posting = Posting.objects.create(
        facility=facility,
        practitioner=practitioner,
        cadre=cadre,
        is_responsible=is_responsible,
        valid_from=valid_from,
    )
    facts = _facts(posting) | {"from": str(valid_from), "responsible": is_responsible}
    record(verb="posting.begun", subject=posting, by=by, at=at, facts=facts)
    return posting


@transaction.atomic
def end(*, posting: Posting, valid_until: date, by: User, at: datetime) -> Posting:
    """That day was the practitioner's last one in the facility. Raises NotPermitted or Refused."""
    posting = _lock(posting)
    permissions.check_may_edit(by, posting.facility)
    policies.check_can_end_posting(posting, valid_until=valid_until, on=timezone.localdate(at))
    posting.valid_until = valid_until
    posting.save(update_fields=["valid_until"])
    record(verb="posting.ended", subject=posting, by=by, at=at, facts=_facts(posting) | {"until": str(valid_until)})
    return posting


@transaction.atomic
def make_responsible(*, posting: Posting, knowingly: bool = False, by: User, at: datetime) -> Posting:
    """From today on this practitioner answers for the facility; whoever did so before goes on without it.

    Raises NotPermitted, or Refused as `begin` does.
    """
    posting = _lock(posting)
    permissions.check_may_edit(by, posting.facility)
    today = timezone.localdate(at)
    policies.check_can_be_made_responsible(posting)
    practitioner = _lock_practitioner(posting.practitioner)
    policies.check_can_answer_for(posting.facility, practitioner, on=today, knowingly=knowingly)
    _release(posting.facility, on=today, by=by, at=at)
    posting = _turn(posting, is_responsible=True, on=today)
    record(verb="posting.made_responsible", subject=posting, by=by, at=at, facts=_facts(posting))
    return posting


def _release(facility: Facility, *, on: date, by: User, at: datetime) -> None:
    """Whoever answers for the facility goes on working there, without answering for it, from that day on."""
    present = Posting.objects.responsible().filter(facility=facility, valid_until=None)
    for posting in present.select_related("facility", "practitioner"):
        released = _turn(posting, is_responsible=False, on=on)
        record(verb="posting.released", subject=released, by=by, at=at, facts=_facts(released))


def _turn(posting: Posting, *, is_responsible: bool, on: date) -> Posting:
    """The same posting with another duty from that day on: what was true before stays on record."""
    if posting.valid_from < on:
        former_end, posting.valid_until = posting.valid_until, on - DAY
        posting.save(update_fields=["valid_until"])
        posting.pk, posting._state.adding = None, True
        posting.valid_from, posting.valid_until = on, former_end
    posting.is_responsible = is_responsible
    posting.save()
    return posting


def _lock(posting: Posting) -> Posting:
    """The posting as it is now; its facility is locked first, as everywhere."""
    facility = lock(posting.facility)
    locked: Posting = Posting.objects.select_for_update(no_key=True).get(pk=posting.pk)
    locked.facility = facility
    return locked


def _lock_practitioner(practitioner: Practitioner) -> Practitioner:
    """Nobody else posts the person, and the council's register does not change, meanwhile."""
    locked: Practitioner = Practitioner.objects.select_for_update(of=("self",), no_key=True).get(pk=practitioner.pk)
    return locked


def _facts(posting: Posting) -> dict[str, str]:
    return {"practitioner": str(posting.practitioner), "council_number": posting.practitioner.council_number}
