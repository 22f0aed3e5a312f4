"""Which role can move a licence, or an authorisation for a service, from which state to which."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from licensing import policies
from licensing.actions import grants, licences, service_authorisations
from licensing.models import Grant
from licensing.states import LICENCE_TRANSITIONS, ONCE_IN_FORCE, LicenceState
from registry.accounts.states import Role
from registry.audit.models import AuditEvent
from registry.core.errors import NotPermitted, Refused
from registry.models import Interest
from tests.factories import (
    NOW,
    TODAY,
    a_facility,
    a_facility_type,
    a_licence,
    a_licence_type,
    a_user,
    an_authorisation,
)

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
NEXT = {
    "approve": LicenceState.ISSUED,
    "reject": LicenceState.REJECTED,
    "suspend": LicenceState.SUSPENDED,
    "reinstate": LicenceState.ISSUED,
    "revoke": LicenceState.REVOKED,
    "surrender": LicenceState.SURRENDERED,
}
MORE: dict[str, dict[str, Any]] = {
    "approve": {},
    "reject": {"reason": "The building plan is missing."},
    "suspend": {
        "grounds": "Surgery without a surgeon.",
        "notice_on": TODAY - DAY,
        "from_on": TODAY,
        "review_on": TODAY + 30 * DAY,
    },
    "reinstate": {"reason": "A surgeon works here."},
    "revoke": {"reason": "Surgery without authorisation.", "notice_on": TODAY, "ended_on": TODAY + DAY},
    "surrender": {"reason": "The owner retires.", "ended_on": TODAY + DAY},
}
NOUNS = ("licence", "authorisation")


def a_grant_in(state: str, noun: str = "licence", **fields: Any) -> Grant:
    type = a_licence_type()
    type.facility_types.add(a_facility_type())
    facility = a_facility()
    ended = {"ended_on": TODAY + 30 * DAY} if state in ("revoked", "surrendered") else {}
    period: dict[str, date] = {"valid_from": TODAY, "valid_until": TODAY + 364 * DAY}
    if noun == "licence":
        return a_licence(facility, type=type, state=state, **period, **ended, **fields)
    a_licence(facility, type=type, **period)
    fields.setdefault("recorded_by", a_user(Role.LICENSING_OFFICER))
    undecided = {"decided_by": None, "decided_at": None} if state == LicenceState.RECORDED else {}
    return an_authorisation(facility, state=state, **period, **ended, **undecided, **fields)


def act_of(verb: str, grant: Grant) -> Callable[..., Grant]:
    """The action, to be called with who and when."""
    if verb == "approve":
        act: Any = licences.approve if grant.noun == "licence" else service_authorisations.approve
        return lambda **by: act(**{grant.noun: grant}, **by)
    return lambda **by: getattr(grants, verb)(grant=grant, **by)


@pytest.mark.parametrize("state", LicenceState.values)
@pytest.mark.parametrize("verb", NEXT)
@pytest.mark.parametrize("noun", NOUNS)
def test_an_approver_moves_it_only_along_the_table(state, verb, noun):
    grant = a_grant_in(state, noun)
    act = act_of(verb, grant)
    can = state in policies.STEPS[verb]
    if can:
        act(by=a_user(Role.APPROVER), at=NOW, **MORE[verb])
    else:
        with pytest.raises(Refused) as refusal:
            act(by=a_user(Role.APPROVER), at=NOW, **MORE[verb])
        assert refusal.value.code == "wrong_state"
    grant.refresh_from_db()
    assert grant.state == (NEXT[verb] if can else state)
    assert AuditEvent.objects.filter(subject_number=grant.number).count() == (1 if can else 0)


@pytest.mark.parametrize("verb", NEXT)
@pytest.mark.parametrize("role", [role for role in Role.values if role != Role.APPROVER])
def test_nobody_but_an_approver_moves_it(verb, role):
    grant = a_grant_in(policies.STEPS[verb][0])
    with pytest.raises(NotPermitted):
        act_of(verb, grant)(by=a_user(role), at=NOW, **MORE[verb])


@pytest.mark.parametrize("verb", NEXT)
@pytest.mark.parametrize("noun", NOUNS)
def test_who_recorded_it_never_decides_on_it(verb, noun):
    grant = a_grant_in(policies.STEPS[verb][0], noun)
    recorder: Any = grant.recorded_by
    recorder.role = Role.APPROVER  # promoted since
    recorder.save()
    with pytest.raises(NotPermitted, match="You recorded this"):
        act_of(verb, grant)(by=recorder, at=NOW, **MORE[verb])


@pytest.mark.parametrize("verb", NEXT)
def test_who_has_an_interest_in_the_facility_does_not_decide(verb):
    grant: Any = a_grant_in(policies.STEPS[verb][0])
    approver = a_user(Role.APPROVER)
    Interest.objects.create(person=approver, facility=grant.facility, nature="My brother's", declared_on=TODAY)
    with pytest.raises(Refused) as refusal:
        act_of(verb, grant)(by=approver, at=NOW, **MORE[verb])
    assert refusal.value.code == "has_an_interest"


@pytest.mark.parametrize("verb", ["reject", "suspend", "reinstate", "revoke", "surrender"])
def test_nothing_is_taken_or_given_back_without_saying_why(verb):
    grant = a_grant_in(policies.STEPS[verb][0])
    why = {"grounds" if verb == "suspend" else "reason": "  "}
    with pytest.raises(Refused) as refusal:
        act_of(verb, grant)(by=a_user(Role.APPROVER), at=NOW, **MORE[verb] | why)
    assert refusal.value.code == "no_reason"


def test_the_steps_of_people_and_the_sweep_are_all_that_the_table_knows():
    taken = {(state, NEXT[verb]) for verb, states in policies.STEPS.items() for state in states}
    by_the_sweep = {(state, LicenceState.EXPIRED) for state in (LicenceState.ISSUED, LicenceState.SUSPENDED)}
    table = {(state, to) for state, reached in LICENCE_TRANSITIONS.items() for to in reached}
    assert taken | by_the_sweep == table and not taken & by_the_sweep


def test_states_once_in_force_are_those_behind_an_approval():
    reached = {LicenceState.ISSUED, *LICENCE_TRANSITIONS[LicenceState.ISSUED]}
    assert set(ONCE_IN_FORCE) == reached
