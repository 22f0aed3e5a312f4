"""Suspensions: from a day on, until they are lifted; the dates decide, not the state."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from licensing import sweeps
from licensing.actions import grants, licences
from licensing.models import Licence, Suspension
from licensing.states import LicencePhase, LicenceState
from registry.accounts.states import Role
from registry.audit.models import AuditEvent
from registry.core.errors import Refused
from registry.outbox.models import Message
from tests.factories import (
    NOW,
    TODAY,
    a_facility,
    a_facility_type,
    a_licence,
    a_licence_type,
    a_suspension,
    a_user,
    an_authorisation,
    an_operator,
)
from tests.factories_applying import a_person_of

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
FIRST, LAST = TODAY - 100 * DAY, TODAY + 100 * DAY


@pytest.fixture
def licence() -> Licence:
    return a_licence(a_facility(), valid_from=FIRST, valid_until=LAST)


def suspend(licence, **fields) -> Licence:
    given: dict[str, Any] = {
        "grounds": "Danger to patients",
        "notice_on": TODAY,
        "from_on": TODAY,
        "review_on": None,
    } | fields
    return grants.suspend(grant=licence, **given, by=a_user(Role.APPROVER), at=NOW)


def reinstate(licence, at=NOW) -> Licence:
    return grants.reinstate(grant=licence, reason="The danger is over.", by=a_user(Role.APPROVER), at=at)


def days_in_force(*days) -> list[bool]:
    return [Licence.objects.in_force(day).exists() for day in days]


def test_a_suspension_works_from_its_first_day_not_from_the_decision(licence):
    suspended = suspend(licence, from_on=TODAY + 10 * DAY)
    assert days_in_force(TODAY, TODAY + 9 * DAY, TODAY + 10 * DAY, LAST) == [True, True, False, False]
    assert suspended.state == LicenceState.SUSPENDED and suspended.phase(TODAY) == LicencePhase.IN_FORCE
    assert suspended.phase(TODAY + 10 * DAY) == LicencePhase.SUSPENDED
    assert suspended.holds(TODAY + 9 * DAY) and not suspended.holds(TODAY + 10 * DAY)


def test_a_reinstated_licence_holds_from_that_day_and_the_days_between_stay_without(licence):
    suspend(licence)
    reinstate(licence, at=NOW + 5 * DAY)
    assert days_in_force(TODAY - DAY, TODAY, TODAY + 4 * DAY, TODAY + 5 * DAY) == [True, False, False, True]


@pytest.mark.parametrize("make", [a_licence, an_authorisation])
def test_whoever_acts_for_the_operator_is_told_of_each_step(make):
    person = a_person_of(operator := an_operator())
    a_person_of(an_operator())
    grant = reinstate(suspend(make(a_facility(operator=operator), valid_from=FIRST, valid_until=LAST)))
    given = {"ended_on": TODAY + 10 * DAY, "notice_on": TODAY, "reason": "The roof fell in."}
    grants.revoke(grant=grant, **given, by=a_user(Role.APPROVER), at=NOW)
    told = list(Message.objects.order_by("pk").values_list("person", "kind", "link"))
    page = f"/{grant.noun}s/{grant.number}/"
    assert told == [(person.pk, f"grant.{deed}", page) for deed in ("suspended", "reinstated", "revoked")]


def test_who_recorded_a_licence_is_told_what_became_of_it():
    a_licence_type().facility_types.add(a_facility_type())
    for decide, kind in ((licences.approve, "licence.approved"), (grants.reject, "licence.rejected")):
        licence = a_licence(a_facility(), valid_from=FIRST, valid_until=LAST, state=LicenceState.RECORDED)
        given = {"licence": licence} if decide is licences.approve else {"grant": licence, "reason": "Not signed."}
        decide(**given, by=a_user(Role.APPROVER), at=NOW)
        assert Message.objects.get(kind=kind).person == licence.recorded_by


def test_a_suspension_lifted_before_it_began_never_worked(licence):
    suspend(licence, from_on=TODAY + 10 * DAY)
    reinstate(licence)
    assert days_in_force(TODAY, TODAY + 10 * DAY, LAST) == [True, True, True]
    assert suspend(licence, from_on=TODAY + 10 * DAY).state == LicenceState.SUSPENDED


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"from_on": TODAY - DAY, "notice_on": TODAY - DAY}, "suspended_in_the_past"),
        ({"from_on": LAST + DAY}, "suspension_outside_the_period"),
        ({"notice_on": TODAY + DAY, "from_on": TODAY + 2 * DAY}, "no_notice_before"),
        ({"review_on": TODAY}, "review_before_suspension"),
        ({"grounds": " "}, "no_reason"),
    ],
)
def test_what_a_suspension_needs(licence, fields, code):
    with pytest.raises(Refused) as refusal:
        suspend(licence, **fields)
    assert refusal.value.code == code
    assert not Suspension.objects.exists()


def test_what_ran_out_while_suspended_is_not_reinstated(licence):
    suspend(licence)
    with pytest.raises(Refused) as refusal:
        reinstate(licence, at=NOW + 101 * DAY)
    assert refusal.value.code == "has_run_out"


def test_a_licence_revoked_while_suspended_stays_suspended_to_its_last_day(licence):
    suspend(licence)
    end = TODAY + 20 * DAY
    revoked = grants.revoke(
        grant=licence, ended_on=end, notice_on=TODAY, reason="Still no surgeon", by=a_user(Role.APPROVER), at=NOW
    )
    assert days_in_force(TODAY, end - DAY, end) == [False, False, False]
    assert (revoked.suspended_from, Suspension.objects.get().ends_on) == (TODAY, end)


def test_what_ran_out_becomes_expired_once_however_often_it_is_asked(licence):
    over = a_licence(a_facility(), valid_from=FIRST, valid_until=TODAY - DAY)
    held = a_licence(
        a_facility(), valid_from=FIRST, valid_until=TODAY - DAY, state=LicenceState.SUSPENDED, suspended_from=FIRST
    )
    service = an_authorisation(over.facility, valid_from=FIRST, valid_until=TODAY - DAY)
    given_back = a_licence(
        a_facility(), valid_from=FIRST, valid_until=LAST, state=LicenceState.SURRENDERED, ended_on=FIRST + DAY
    )
    assert sweeps.expire(as_of=TODAY, at=NOW) == {"licence": 2, "authorisation": 1}
    assert sweeps.expire(as_of=TODAY, at=NOW).total() == 0
    assert sweeps.expire(as_of=TODAY - 30 * DAY, at=NOW).total() == 0
    for grant in (over, held, service, given_back, licence):
        grant.refresh_from_db()
    assert {over.state, held.state, service.state} == {LicenceState.EXPIRED}
    assert (given_back.state, licence.state) == (LicenceState.SURRENDERED, LicenceState.ISSUED)
    suspension = Suspension.objects.get()
    assert (suspension.ends_on, suspension.ended_by) == (TODAY, None)
    events = AuditEvent.objects.filter(verb__endswith=".expired")
    assert events.count() == 3
    event = events.get(subject_number=over.number)
    assert (event.verb, event.facility_number, event.facts) == (
        "licence.expired",
        over.facility.number,
        {"last_day": str(TODAY - DAY)},
    )


def test_the_last_day_itself_is_not_over():
    a_licence(a_facility(), valid_from=FIRST, valid_until=TODAY)
    assert sweeps.expire(as_of=TODAY, at=NOW).total() == 0
    assert sweeps.expire(as_of=TODAY + DAY, at=NOW).total() == 1


def at_the_end_of_the_transaction(*statements: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE licensing_licence SET state = 'suspended', suspended_from = CURRENT_DATE WHERE state = 'issued'",
        "UPDATE licensing_licence SET state = 'issued', suspended_from = NULL WHERE state = 'suspended'",
        "UPDATE licensing_licence SET suspended_from = suspended_from + 1 WHERE state = 'suspended'",
        "UPDATE licensing_suspension SET ends_on = from_on, ended_at = now(), reason_of_end = 'x'",
        "UPDATE licensing_suspension SET from_on = from_on + 1",
        "DELETE FROM licensing_suspension",
        """INSERT INTO licensing_suspension (licence_id, grounds, notice_on, from_on, decided_at, reason_of_end)
        SELECT id, 'x', valid_from, valid_from, now(), '' FROM licensing_licence WHERE state = 'issued'""",
    ],
)
def test_raw_sql_cannot_part_the_state_from_the_suspensions(licence, statement):
    a_licence(a_facility(), valid_from=FIRST, valid_until=LAST, state=LicenceState.SUSPENDED, suspended_from=TODAY)
    with pytest.raises(DatabaseError):
        at_the_end_of_the_transaction(statement)


def test_a_suspension_that_ended_is_not_written_again(licence):
    a_suspension(licence, from_on=FIRST, ends_on=TODAY)
    with pytest.raises(DatabaseError):
        at_the_end_of_the_transaction("UPDATE licensing_suspension SET grounds = 'none'")
