"""Which role can move a licence from which state to which."""

from datetime import timedelta
from typing import Any

import pytest

from licensing.actions import licences
from licensing.models import Licence
from licensing.states import LICENCE_TRANSITIONS, ONCE_IN_FORCE, LicenceState
from registry.accounts.states import Role
from registry.audit.models import AuditEvent
from registry.core.errors import NotPermitted, Refused
from tests.factories import NOW, TODAY, a_facility, a_facility_type, a_licence, a_licence_type, a_user

pytestmark = pytest.mark.django_db

NEXT = {
    "approve": LicenceState.ISSUED,
    "reject": LicenceState.REJECTED,
    "revoke": LicenceState.REVOKED,
    "surrender": LicenceState.SURRENDERED,
}
MORE: dict[str, dict[str, Any]] = {
    "approve": {},
    "reject": {"reason": "The building plan is missing."},
    "revoke": {"reason": "Surgery without authorisation.", "ended_on": TODAY + timedelta(days=1)},
    "surrender": {"reason": "The owner retires.", "ended_on": TODAY + timedelta(days=1)},
}


def a_licence_in(state: str) -> Licence:
    type = a_licence_type()
    type.facility_types.add(a_facility_type())
    ended = {"ended_on": TODAY + timedelta(days=30)} if state in ("revoked", "surrendered") else {}
    return a_licence(
        a_facility(), valid_from=TODAY, valid_until=TODAY + timedelta(days=364), type=type, state=state, **ended
    )


@pytest.mark.parametrize("state", LicenceState.values)
@pytest.mark.parametrize("verb", NEXT)
@pytest.mark.parametrize("role", Role.values)
def test_only_an_approver_moves_a_licence_and_only_along_the_table(state, verb, role):
    licence = a_licence_in(state)
    act = getattr(licences, verb)
    may, can = role == Role.APPROVER, NEXT[verb] in LICENCE_TRANSITIONS[state]
    if may and can:
        act(licence=licence, by=a_user(role), at=NOW, **MORE[verb])
        expected = NEXT[verb]
    else:
        with pytest.raises(Refused if may else NotPermitted):
            act(licence=licence, by=a_user(role), at=NOW, **MORE[verb])
        expected = state
    licence.refresh_from_db()
    assert licence.state == expected
    assert AuditEvent.objects.filter(subject_number=licence.number).count() == (1 if may and can else 0)


@pytest.mark.parametrize("verb", ["approve", "reject"])
def test_who_recorded_a_licence_does_not_decide_on_it(verb):
    licence = a_licence_in(LicenceState.RECORDED)
    recorder = licence.recorded_by
    assert recorder is not None
    recorder.role = Role.APPROVER  # promoted since
    recorder.save()
    with pytest.raises(NotPermitted, match="You recorded this licence"):
        getattr(licences, verb)(licence=licence, by=recorder, at=NOW, **MORE[verb])


@pytest.mark.parametrize("verb", ["reject", "revoke", "surrender"])
def test_nobody_ends_or_rejects_a_licence_without_a_reason(verb):
    licence = a_licence_in(LicenceState.RECORDED if verb == "reject" else LicenceState.ISSUED)
    with pytest.raises(Refused) as refusal:
        getattr(licences, verb)(licence=licence, by=a_user(Role.APPROVER), at=NOW, **MORE[verb] | {"reason": "  "})
    assert refusal.value.code == "no_reason"


def test_states_once_in_force_are_those_behind_an_approval():
    reached = {LicenceState.ISSUED, *LICENCE_TRANSITIONS[LicenceState.ISSUED]}
    assert set(ONCE_IN_FORCE) == reached
