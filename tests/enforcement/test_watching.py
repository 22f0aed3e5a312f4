"""Who hears that a sweep failed or never came."""

from datetime import timedelta

import pytest

from enforcement import sweeps
from enforcement.models import SweepRun
from enforcement.states import SweepState
from registry.accounts.states import Role
from registry.outbox.models import Message
from tests.factories import NOW, TODAY, a_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator():
    a_user(Role.AUDITOR)
    return a_user(Role.ADMINISTRATOR)


def told() -> list[str]:
    return sorted(Message.objects.values_list("kind", flat=True))


def test_a_night_that_went_well_tells_nobody(administrator):
    sweeps.sweep(as_of=TODAY, started_by="schedule")
    sweeps.watch(at=NOW)
    assert told() == []


def test_a_missed_night_is_told_once_a_day_to_administrators(administrator):
    sweeps.sweep(as_of=TODAY - timedelta(days=1), started_by="schedule")
    for _turn in range(2):
        sweeps.watch(at=NOW)
    assert told() == ["sweep.missed"]
    assert Message.objects.get().person == administrator
    sweeps.watch(at=NOW + timedelta(days=1))
    assert told() == ["sweep.missed", "sweep.missed"]


@pytest.mark.parametrize("state", [SweepState.FAILED, SweepState.INTERRUPTED])
def test_a_sweep_that_did_not_come_to_its_end_is_told_once(administrator, state):
    sweeps.sweep(as_of=TODAY, started_by="schedule")
    run = SweepRun.objects.create(
        as_of=TODAY, state=state, started_by="schedule", started_at=NOW, finished_at=NOW, failure="No space left."
    )
    for hours in (1, 25):
        sweeps.sweep(as_of=TODAY + timedelta(days=1), started_by="schedule")
        sweeps.watch(at=NOW + timedelta(hours=hours))
    message = Message.objects.get()
    assert (message.kind, message.link) == ("sweep.failed", f"/sweeps/{run.pk}/")
    assert message.context["failure"] == "No space left."
