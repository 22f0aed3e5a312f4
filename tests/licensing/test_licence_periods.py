"""Periods of licences: the first and the last day belong to them, and no two of a facility overlap."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from licensing import policies
from licensing.actions import grants, licences
from licensing.models import Licence
from licensing.states import LicenceState
from registry.accounts.states import Role
from registry.core.errors import NotPermitted, Refused
from tests.factories import NOW, TODAY, a_facility, a_facility_type, a_licence, a_licence_type, a_user

pytestmark = pytest.mark.django_db
FIRST, LAST = date(2026, 3, 1), date(2027, 2, 28)
DAY = timedelta(days=1)


@pytest.fixture
def facility():
    a_licence_type().facility_types.add(a_facility_type())
    return a_facility()


def record(facility, valid_from=FIRST, valid_until=LAST, number="12/26", **fields) -> Licence:
    by = fields.pop("by", None) or a_user(Role.LICENSING_OFFICER)
    type = fields.pop("type", None) or a_licence_type()
    return licences.record(
        facility=facility, type=type, number=number, valid_from=valid_from, valid_until=valid_until, by=by, at=NOW
    )


def revoke(licence, *, ended_on, notice_on=TODAY) -> Licence:
    by = a_user(Role.APPROVER)
    return grants.revoke(grant=licence, ended_on=ended_on, notice_on=notice_on, reason="Danger", by=by, at=NOW)


def surrender(licence, *, ended_on) -> Licence:
    return grants.surrender(grant=licence, ended_on=ended_on, reason="Closed", by=a_user(Role.APPROVER), at=NOW)


def code_of(refused) -> str:
    return refused.value.code


@pytest.mark.parametrize("role", Role.values)
def test_only_a_licensing_officer_records(facility, role):
    if role == Role.LICENSING_OFFICER:
        assert record(facility, by=a_user(role)).state == LicenceState.RECORDED
    else:
        with pytest.raises(NotPermitted):
            record(facility, by=a_user(role))


def test_a_recorded_licence_is_in_force_only_once_it_is_approved(facility):
    licence = record(facility)
    assert not Licence.objects.in_force(FIRST).exists()
    licences.approve(licence=licence, by=a_user(Role.APPROVER), at=NOW)
    assert Licence.objects.in_force(FIRST).get() == licence


def test_the_first_and_the_last_day_are_included(facility):
    a_licence(facility, valid_from=FIRST, valid_until=LAST)
    in_force = [day for day in (FIRST - DAY, FIRST, LAST, LAST + DAY) if Licence.objects.in_force(day).exists()]
    assert in_force == [FIRST, LAST]
    assert not Licence.objects.lapsed(LAST).exists()
    assert Licence.objects.lapsed(LAST + DAY).exists()


def test_the_day_a_revocation_works_from_is_without_licence(facility):
    licence = a_licence(facility, valid_from=TODAY, valid_until=TODAY + 300 * DAY)
    revoke(licence, ended_on=TODAY + 5 * DAY)
    assert Licence.objects.in_force(TODAY + 4 * DAY).exists()
    assert not Licence.objects.in_force(TODAY + 5 * DAY).exists()


def test_a_licence_revoked_before_it_begins_is_never_in_force_and_bars_nobody(facility):
    begins = TODAY + 10 * DAY
    licence = a_licence(facility, valid_from=begins, valid_until=begins + 300 * DAY)
    revoke(licence, ended_on=begins)
    assert not Licence.objects.in_force(begins).exists()
    a_licence(facility, valid_from=begins, valid_until=begins + 300 * DAY)


def test_nothing_is_revoked_for_days_that_have_passed_but_may_be_given_back_for_them(facility):
    licence = a_licence(facility, valid_from=TODAY - 30 * DAY, valid_until=TODAY + 30 * DAY)
    with pytest.raises(Refused) as refused:
        revoke(licence, ended_on=TODAY - DAY, notice_on=TODAY - 9 * DAY)
    assert code_of(refused) == "revoked_in_the_past"
    assert surrender(licence, ended_on=TODAY - DAY).last_day == TODAY - 2 * DAY


@pytest.mark.parametrize("ended_on", [FIRST - DAY, LAST + DAY])
def test_an_early_end_lies_within_the_period(facility, ended_on):
    licence = a_licence(facility, valid_from=FIRST, valid_until=LAST)
    with pytest.raises(Refused) as refused:
        surrender(licence, ended_on=ended_on)
    assert code_of(refused) == "end_outside_the_period"


def test_the_type_fits_the_type_of_the_facility(facility):
    pharmacy = a_licence_type("pharmacy")
    pharmacy.facility_types.add(a_facility_type("pharmacy", name_en="Pharmacy"))
    with pytest.raises(Refused) as refused:
        record(facility, type=pharmacy)
    assert code_of(refused) == "type_does_not_fit"


@pytest.mark.parametrize(
    ("valid_from", "last_allowed"),
    [
        (date(2026, 3, 1), date(2028, 2, 29)),
        (date(2024, 2, 29), date(2026, 2, 27)),
        (date(2026, 1, 1), date(2027, 12, 31)),
    ],
)
def test_a_licence_is_not_longer_than_its_type_allows(facility, valid_from, last_allowed):
    with pytest.raises(Refused) as refused:
        record(facility, valid_from, last_allowed + DAY)
    assert code_of(refused) == "period_too_long"
    assert record(facility, valid_from, last_allowed)


def test_a_period_has_a_day_at_least(facility):
    with pytest.raises(Refused) as refused:
        record(facility, FIRST, FIRST - DAY)
    assert code_of(refused) == "period_is_not_whole"
    assert record(facility, FIRST, FIRST)


@pytest.mark.parametrize(("first", "last"), [(LAST, LAST + DAY), (FIRST - DAY, FIRST), (FIRST + DAY, LAST - DAY)])
def test_an_overlap_is_refused_in_a_sentence_that_names_the_other_licence(facility, first, last):
    a_licence(facility, valid_from=FIRST, valid_until=LAST, number="7/26")
    with pytest.raises(Refused, match="7/26") as refused:
        record(facility, first, last)
    assert code_of(refused) == "licences_overlap"


def test_a_renewal_begins_the_day_after(facility):
    a_licence(facility, valid_from=FIRST, valid_until=LAST)
    renewal = record(facility, LAST + DAY, LAST + 100 * DAY)
    assert licences.approve(licence=renewal, by=a_user(Role.APPROVER), at=NOW).state == LicenceState.ISSUED


def test_a_number_is_given_once(facility):
    record(facility)
    with pytest.raises(Refused) as refused:
        record(a_facility(), number="12/26")
    assert code_of(refused) == "number_taken"


def test_what_the_policy_did_not_see_in_a_race_the_database_refuses_in_the_same_words(facility, monkeypatch):
    licence = record(facility)
    a_licence(facility, valid_from=FIRST, valid_until=LAST, number="7/26")
    monkeypatch.setattr(policies, "check_can_approve", lambda licence: None)
    with pytest.raises(Refused, match="7/26") as refused:
        licences.approve(licence=licence, by=a_user(Role.APPROVER), at=NOW)
    assert code_of(refused) == "licences_overlap"


def test_the_database_refuses_two_licences_in_force_on_one_day(facility):
    a_licence(facility, valid_from=FIRST, valid_until=LAST)
    other = a_licence(facility, valid_from=LAST, valid_until=LAST, state=LicenceState.RECORDED)
    approver = a_user(Role.APPROVER)
    with pytest.raises(IntegrityError, match="one_licence_in_force_per_facility"), transaction.atomic():
        by_hand(
            "UPDATE licensing_licence SET state = 'issued', decided_by_id = %s WHERE id = %s", approver.pk, other.pk
        )


def test_the_database_refuses_an_approval_by_the_recorder(facility):
    licence = record(facility)
    with pytest.raises(IntegrityError, match="nobody_approves_an_own_licence"), transaction.atomic():
        by_hand(
            "UPDATE licensing_licence SET state = 'issued', decided_by_id = recorded_by_id WHERE id = %s", licence.pk
        )


def test_the_database_refuses_an_end_outside_the_period(facility):
    licence = a_licence(facility, valid_from=FIRST, valid_until=LAST)
    with pytest.raises(IntegrityError, match="licence_ends_early_within_its_period"), transaction.atomic():
        by_hand("UPDATE licensing_licence SET state = 'revoked', ended_on = %s WHERE id = %s", LAST + DAY, licence.pk)


def by_hand(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
