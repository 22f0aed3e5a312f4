"""Reminders to renew: each once, whatever becomes of the nights, and only to those who still have to."""

import random
from datetime import date, datetime, time, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from licensing import sweeps
from licensing.models import Licence, RenewalReminder
from licensing.states import LicenceState
from registry.accounts.states import Role
from registry.models import Representative
from registry.outbox.models import Letter, Message
from registry.states import OperationalStatus
from tests.factories import NOW, a_facility, a_licence, a_licence_type, a_user, an_operator, another_province, the_terms

pytestmark = pytest.mark.django_db

DAYS = [90, 60, 30, -1, -30]
END = date(2027, 3, 31)


def remind(as_of: date) -> int:
    return sweeps.remind(as_of=as_of, at=timezone.make_aware(datetime.combine(as_of, time(7))))


def before_end(days: int) -> date:
    return END - timedelta(days=days)


@pytest.fixture(autouse=True)
def terms():
    return the_terms(a_licence_type(), reminder_days=DAYS)


@pytest.fixture
def operator():
    return an_operator(email="owner@example.org")


@pytest.fixture
def licence(operator):
    facility = a_facility(operator=operator, email="clinic@example.org")
    return a_licence(facility, valid_from=date(2025, 4, 1), valid_until=END)


def sent() -> list[int]:
    return sorted(RenewalReminder.objects.values_list("days", flat=True), reverse=True)


def test_every_night_in_turn_sends_each_reminder_on_its_day(licence):
    for days in range(100, -100, -1):
        before = len(sent())
        remind(before_end(days))
        assert (len(sent()) > before) == (days in DAYS)
    assert sent() == DAYS


def test_the_operator_its_people_and_the_facility_are_told(licence, operator):
    person = a_user(Role.OPERATOR, email="person@example.org")
    former = a_user(Role.OPERATOR, email="former@example.org")
    for user, ended_on in ((person, None), (former, date(2026, 1, 1))):
        Representative.objects.create(operator=operator, person=user, appointed_at=NOW, ended_on=ended_on)
    remind(before_end(30))
    addresses = Letter.objects.exclude(person__role__in=[Role.LICENSING_OFFICER]).values_list("address", flat=True)
    assert {*addresses} >= {"owner@example.org", "clinic@example.org", "person@example.org"}
    assert "former@example.org" not in addresses
    message = Message.objects.get(person=person)
    assert (message.kind, message.link) == ("licence.to_renew", f"/licences/{licence.number}/")
    assert message.facility_number == licence.facility.number
    remind(before_end(-1))
    assert Message.objects.filter(person=person, kind="licence.not_renewed").count() == 1


def test_an_operator_without_any_address_is_no_fault():
    a_licence(a_facility(), valid_from=date(2025, 4, 1), valid_until=END)
    assert remind(before_end(30)) == 1
    assert not Letter.objects.filter(kind="licence.to_renew").exists()


def test_missed_nights_are_made_up_for_by_the_latest_reminder_alone(licence):
    remind(before_end(20))
    assert sent() == [30]
    remind(before_end(-40))
    assert sent() == [30, -30]
    assert Letter.objects.filter(address="clinic@example.org").count() == 2


def test_what_ended_long_ago_is_left_alone(licence):
    assert remind(END + timedelta(days=30 + sweeps.TOO_LATE)) == 0
    assert remind(END + timedelta(days=29 + sweeps.TOO_LATE)) == 1


@pytest.mark.parametrize("state", [LicenceState.REVOKED, LicenceState.SURRENDERED, LicenceState.REJECTED])
def test_nobody_is_reminded_of_a_licence_that_was_taken_away_or_given_back(state):
    ended = {} if state == LicenceState.REJECTED else {"ended_on": before_end(10)}
    a_licence(a_facility(email="a@example.org"), valid_from=date(2025, 4, 1), valid_until=END, state=state, **ended)
    for days in (30, -1, -30):
        assert remind(before_end(days)) == 0


def test_whose_licence_has_run_out_is_still_reminded(licence):
    sweeps.expire(as_of=before_end(-1), at=NOW)
    assert Licence.objects.get().state == LicenceState.EXPIRED
    assert remind(before_end(-1)) == 1


def test_nobody_is_reminded_of_a_licence_that_was_replaced(licence):
    a_licence(licence.facility, valid_from=END + timedelta(days=1), valid_until=END + timedelta(days=700))
    for days in DAYS:
        assert remind(before_end(days)) == 0


def test_nobody_is_reminded_who_has_closed():
    closed = a_facility(status=OperationalStatus.CLOSED)
    a_licence(closed, valid_from=date(2025, 4, 1), valid_until=END)
    assert remind(before_end(30)) == 0


def test_officers_and_managers_hear_once_a_night_and_managers_of_their_own_province(licence):
    officer, manager = a_user(Role.LICENSING_OFFICER), a_user(Role.PROVINCIAL_MANAGER)
    elsewhere = a_user(Role.PROVINCIAL_MANAGER, province=another_province())
    for _number in range(3):
        a_licence(a_facility(), valid_from=date(2025, 4, 1), valid_until=END)
    for _turn in range(2):
        remind(before_end(30))
    for person in (officer, manager):
        message = Message.objects.get(person=person, kind="licence.reminders_sent")
        assert (message.context["before"], message.context["after"]) == (4, 0)
    assert not Message.objects.filter(person=elsewhere).exists()


def test_a_quiet_night_tells_nobody(licence):
    a_user(Role.LICENSING_OFFICER)
    assert remind(before_end(100)) == 0
    assert not Message.objects.exists()


def test_a_night_killed_between_batches_is_made_whole_by_the_next(monkeypatch):
    monkeypatch.setattr(sweeps, "BATCH", 2)
    officer = a_user(Role.LICENSING_OFFICER)
    for _number in range(5):
        a_licence(a_facility(email="clinic@example.org"), valid_from=date(2025, 4, 1), valid_until=END)
    whole, turns = sweeps._remind_some, iter([True, False])

    def killed(**when):
        if not next(turns):
            raise KeyboardInterrupt
        return whole(**when)

    monkeypatch.setattr(sweeps, "_remind_some", killed)
    with pytest.raises(KeyboardInterrupt):
        remind(before_end(30))
    assert (len(sent()), Letter.objects.filter(kind="licence.to_renew").count()) == (2, 2)
    monkeypatch.setattr(sweeps, "_remind_some", whole)
    assert remind(before_end(30)) == 3
    assert Letter.objects.filter(kind="licence.to_renew").count() == 5
    assert Message.objects.get(person=officer, kind="licence.reminders_sent").context["before"] == 5


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(nights=st.lists(st.integers(-120, 120), min_size=1, max_size=40), seed=st.integers())
def test_whatever_order_and_repetition_of_nights_each_reminder_is_sent_once_at_most(nights, seed):
    with transaction.atomic():
        facility = a_facility(email="clinic@example.org")
        licence = a_licence(facility, valid_from=date(2025, 4, 1), valid_until=END)
        random.Random(seed).shuffle(nights)
        for days in nights:
            remind(before_end(days))
        reminders = RenewalReminder.objects.filter(licence=licence).order_by("pk")
        told = [reminder.days for reminder in reminders]
        assert told == sorted({*told}, reverse=True)
        assert {*told} <= {*DAYS}
        assert all(reminder.night >= before_end(reminder.days) for reminder in reminders)
        assert Letter.objects.filter(facility_number=facility.number).count() == len(told)
        transaction.set_rollback(True)


def test_the_database_refuses_a_second_one(licence):
    remind(before_end(30))
    with pytest.raises(IntegrityError), transaction.atomic():
        RenewalReminder.objects.create(licence=licence, days=30, night=END)


def test_many_licences_cost_as_few_queries_as_one(django_assert_max_num_queries):
    for number in (1, 60):
        for _number in range(number):
            facility = a_facility(operator=an_operator(email="a@example.org"), email="b@example.org")
            a_licence(facility, valid_from=date(2025, 4, 1), valid_until=END)
        with django_assert_max_num_queries(24):
            assert remind(before_end(30)) == number


def test_a_licensee_sees_the_reminders_of_the_own_licence_alone(licence, operator):
    person, stranger = a_user(Role.OPERATOR), a_user(Role.OPERATOR)
    Representative.objects.create(operator=operator, person=person, appointed_at=NOW)
    remind(before_end(30))
    assert RenewalReminder.objects.all().visible_to(person).count() == 1
    assert not RenewalReminder.objects.all().visible_to(stranger).exists()
    assert Licence.objects.all().visible_to(person).get() == licence
