"""Licences and authorisations walk at random through every door; a table of what the law allows walks beside them."""

import random
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import Exists, OuterRef

from licensing import sweeps
from licensing.actions import grants, licences, service_authorisations
from licensing.models import Grant, Licence, ServiceAuthorisation, Suspension
from registry.accounts.states import Role
from registry.core.errors import Refused
from tests.factories import (
    NOW,
    TODAY,
    a_facility,
    a_facility_type,
    a_licence,
    a_licence_type,
    a_service,
    a_user,
    an_authorisation,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
FIRST, LAST = TODAY - 10 * DAY, TODAY + 300 * DAY
STEPS, ALIVE = 5_000, 12
AT_THE_END = ("SET CONSTRAINTS ALL IMMEDIATE", "SET CONSTRAINTS ALL DEFERRED")

# Written from the law, not from the code: which step leads from which state to which.
LAW = {
    "approve": {"recorded": "issued"},
    "reject": {"recorded": "rejected"},
    "suspend": {"issued": "suspended"},
    "reinstate": {"suspended": "issued"},
    "revoke": {"issued": "revoked", "suspended": "revoked"},
    "surrender": {"issued": "surrendered", "suspended": "surrendered"},
}
EXPIRY = {"issued": "expired", "suspended": "expired"}
STATES = ("recorded", "issued", "rejected", "suspended", "revoked", "surrendered", "expired")
ALLOWED = {(a, b) for step in (*LAW.values(), EXPIRY) for a, b in step.items()} | {(state, state) for state in STATES}
FINAL = set(STATES) - {a for a, b in ALLOWED if a != b}


class Walk:
    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.officer, self.approver = a_user(Role.LICENSING_OFFICER), a_user(Role.APPROVER)
        self.type, self.service = a_licence_type(), a_service()
        self.type.facility_types.add(a_facility_type())
        self.states: dict[Grant, str] = {}
        self.taken: set[tuple[str, str, str]] = set()

    def born(self) -> None:
        facility, first = a_facility(), {"valid_from": FIRST, "valid_until": LAST}
        recorded: dict[str, Any] = {"state": "recorded", "recorded_by": self.officer, **first}
        undecided: dict[str, Any] = {"decided_by": None, "decided_at": None}
        if self.chance.random() < 0.5:
            grant: Grant = a_licence(facility, type=self.type, **recorded, **undecided)
        else:
            people = {"recorded_by": self.officer, "decided_by": self.approver}
            a_licence(facility, type=self.type, valid_from=FIRST, valid_until=LAST + 99 * DAY, **people)
            grant = an_authorisation(facility, service=self.service, **recorded, **undecided)
        self.states[grant] = "recorded"

    def step(self) -> None:
        while len(self.states) < ALIVE:
            self.born()
        living = [grant for grant, state in self.states.items() if state not in FINAL]
        grant = self.chance.choice([*self.states, *living, *living])
        if self.chance.random() < 0.08:
            fitting = [verb for verb, leads in LAW.items() if self.states[grant] in leads]
            self.by_action(grant, self.chance.choice([*LAW, *fitting, *fitting, *fitting]))
        else:
            self.by_raw_sql(grant, self.chance.choice((*STATES, "issued", "suspended", "suspended")))
        if self.states[grant] in FINAL and self.chance.random() < 0.2:
            del self.states[grant]

    def by_action(self, grant: Grant, verb: str) -> None:
        before = self.states[grant]
        expected = LAW[verb].get(before)
        said = ""
        try:
            self.act(verb, grant)
        except Refused as refusal:
            said = refusal.code
        assert said == ("" if expected else "wrong_state"), f"{verb} from {before}"
        self.arrived(grant, "action", expected or before)

    def act(self, verb: str, grant: Any) -> None:
        by: dict[str, Any] = {"by": self.approver, "at": NOW}
        match verb:
            case "approve" if isinstance(grant, Licence):
                licences.approve(licence=grant, **by)
            case "approve":
                service_authorisations.approve(authorisation=grant, **by)
            case "suspend":
                from_on = TODAY + self.chance.randrange(200) * DAY
                grants.suspend(grant=grant, grounds="x", notice_on=TODAY, from_on=from_on, review_on=None, **by)
            case "revoke":
                grants.revoke(grant=grant, reason="x", notice_on=TODAY, ended_on=self.some_day(), **by)
            case "surrender":
                grants.surrender(grant=grant, reason="x", ended_on=self.some_day(), **by)
            case _:
                getattr(grants, verb)(grant=grant, reason="x", **by)

    def some_day(self) -> Any:
        return TODAY + self.chance.randrange(300) * DAY

    def by_raw_sql(self, grant: Grant, to: str) -> None:
        """All that goes with the new state is written too, so that nothing but the life cycle can object."""
        before, table, column = self.states[grant], grant._meta.db_table, f"{grant.noun}_id"
        early = to in ("revoked", "surrendered")
        values = {"to": to, "id": grant.pk, "day": TODAY, "by": self.approver.pk, "at": NOW}
        statements = [
            f"""UPDATE {table} SET state = %(to)s, decided_by_id = %(by)s,
                ended_on = {"COALESCE(ended_on, valid_until)" if early else "NULL"},
                suspended_from = {"COALESCE(suspended_from, %(day)s)" if to == "suspended" else "NULL"}
            WHERE id = %(id)s"""
        ]
        if to == "suspended" and before != "suspended":
            statements.append(
                f"""INSERT INTO licensing_suspension ({column}, grounds, notice_on, from_on, decided_at, decided_by_id,
                    reason_of_end) VALUES (%(id)s, 'x', %(day)s, %(day)s, %(at)s, %(by)s, '')"""
            )
        if before == "suspended" and to != "suspended":
            statements.append(
                f"""UPDATE licensing_suspension SET ends_on = from_on, ended_at = %(at)s, reason_of_end = 'x'
                WHERE {column} = %(id)s AND ends_on IS NULL"""
            )
        allowed = (before, to) in ALLOWED
        said = ""
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("; ".join([*statements, *AT_THE_END]), values)
        except DatabaseError as error:
            said = str(error)
        assert (said == "") == allowed, f"{before} to {to}: {said}"
        if allowed:
            self.arrived(grant, "raw SQL", to)

    def arrived(self, grant: Grant, door: str, expected: str) -> None:
        rows = type(grant)._default_manager.filter(pk=grant.pk)
        stands = Suspension.objects.filter(**{grant.noun: OuterRef("pk")}, ends_on=None)
        state, before = expected, self.states[grant]
        assert rows.values_list("state", Exists(stands)).get() == (expected, expected == "suspended")
        if state != before:
            self.taken.add((door, before, state))
        self.states[grant] = state

    def all_run_out(self) -> None:
        sweeps.expire(as_of=LAST + DAY, at=NOW)
        for grant, before in self.states.items():
            self.arrived(grant, "sweep", EXPIRY.get(before, before))


@pytest.mark.parametrize("seed", range(4))
def test_no_door_leads_where_the_law_does_not(seed):
    walk = Walk(seed)
    for number in range(1, STEPS + 1):
        walk.step()
        if number % 100 == 0:
            walk.all_run_out()
    by_people = {(a, b) for step in LAW.values() for a, b in step.items()}
    assert {(a, b) for door, a, b in walk.taken if door == "action"} == by_people
    assert {(a, b) for door, a, b in walk.taken if door == "raw SQL"} == {(a, b) for a, b in ALLOWED if a != b}
    assert {(a, b) for door, a, b in walk.taken if door == "sweep"} == set(EXPIRY.items())
    assert Licence.objects.exists() and ServiceAuthorisation.objects.exists()
