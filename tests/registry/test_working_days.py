from datetime import date, timedelta

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from registry.accounts.states import STAFF_ROLES, Role
from registry.actions import holidays
from registry.audit.models import AuditEvent
from registry.core.working_days import add_working_days, is_working_day
from registry.models import PublicHoliday
from registry.reports import calendar_reaches
from tests.factories import NOW, a_user

FRIDAY = date(2026, 11, 20)
DAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))
CALENDARS = st.sets(DAYS, max_size=60)


@pytest.mark.parametrize(
    ("day", "number", "off", "expected"),
    [
        (FRIDAY, 1, (), date(2026, 11, 23)),
        (FRIDAY, 1, (23, 24, 25), date(2026, 11, 26)),
        (FRIDAY, 3, (23, 24, 25), date(2026, 11, 30)),
        (FRIDAY, 0, (), FRIDAY),
        (date(2026, 11, 21), 0, (), date(2026, 11, 23)),
        (date(2026, 11, 21), 1, (), date(2026, 11, 23)),
        (date(2026, 11, 22), 5, (), date(2026, 11, 27)),
    ],
)
def test_a_deadline_steps_over_weekends_and_holidays(day, number, off, expected):
    assert add_working_days(day, number, {date(2026, 11, n) for n in off}) == expected


@given(DAYS, st.integers(1, 90), CALENDARS)
def test_there_are_exactly_so_many_working_days_up_to_a_deadline(day, number, off):
    deadline = add_working_days(day, number, off)
    between = [day + timedelta(days=n) for n in range(1, (deadline - day).days + 1)]
    assert sum(is_working_day(one, off) for one in between) == number
    assert is_working_day(deadline, off)


@given(DAYS, st.integers(0, 60), st.integers(0, 60), CALENDARS)
def test_one_deadline_after_another_is_the_deadline_of_both(day, first, then, off):
    halfway = add_working_days(day, first, off)
    assert add_working_days(halfway, then, off) == add_working_days(day, first + then, off) or first == 0


@given(DAYS, st.integers(1, 60), CALENDARS, DAYS)
def test_a_holiday_more_never_brings_a_deadline_forward(day, number, off, one_more):
    assert add_working_days(day, number, off | {one_more}) >= add_working_days(day, number, off)


def test_no_deadline_lies_in_the_past():
    with pytest.raises(ValueError, match="past"):
        add_working_days(FRIDAY, -1, ())


@pytest.mark.django_db
def test_the_calendar_is_loaded_once_and_stays_as_the_administrators_left_it():
    assert holidays.load(by=None, at=NOW)["created"] == 22 + 21 + 22
    assert calendar_reaches() == date(2027, 12, 31)
    holidays.remove(holiday=PublicHoliday.objects.get(day=date(2026, 11, 9)), by=a_user(), at=NOW)
    assert holidays.load(by=None, at=NOW)["created"] == 0
    assert not PublicHoliday.objects.filter(day=date(2026, 11, 9)).exists()


@pytest.mark.django_db
def test_an_administrator_adds_a_day_and_takes_it_out(client: Client):
    client.force_login(a_user(Role.ADMINISTRATOR))
    sent = {"day": "១៣/១១/២០២៨", "name_km": "បុណ្យអុំទូក", "name_en": "Water Festival", "source": "Sub-decree 1"}
    assert client.post("/catalogue/holidays/new/", sent).status_code == 302
    assert client.post("/catalogue/holidays/new/", sent).status_code == 200
    assert PublicHoliday.objects.get().day == date(2028, 11, 13)
    assert client.post("/catalogue/holidays/2028-11-13/remove/").status_code == 302
    assert list(AuditEvent.objects.order_by("id").values_list("verb", flat=True)) == [
        "holiday.added",
        "holiday.removed",
    ]
    assert client.get("/catalogue/holidays/2028-11-13/remove/").status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("role", sorted(set(STAFF_ROLES) - {Role.ADMINISTRATOR}))
def test_everybody_reads_the_calendar_and_nobody_else_changes_it(client: Client, role):
    PublicHoliday.objects.create(day=FRIDAY, name_km="បុណ្យ", name_en="Day", source="test")
    client.force_login(a_user(role))
    assert client.get("/catalogue/holidays/").status_code == 200
    for address in ("new", FRIDAY.isoformat() + "/remove"):
        assert client.post(f"/catalogue/holidays/{address}/").status_code == 403
