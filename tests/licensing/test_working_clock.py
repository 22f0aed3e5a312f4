"""The clock of the authority: working days with holidays, standing still while a question is open."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licensing.actions.applications import advice, clock, queries, reviewing
from licensing.models import AdviceBody
from licensing.rules.working_clock import days_left, due_day
from licensing.states import ApplicationState
from registry.core.errors import Refused
from registry.core.working_days import is_working_day
from registry.models import PublicHoliday
from tests.factories import NOW, TODAY
from tests.factories_desk import DAY, a_desk, an_application, brought_to

DAYS = st.dates(date(2026, 1, 1), date(2027, 12, 31))
HOLIDAYS = st.sets(DAYS, max_size=20)


@pytest.mark.parametrize(
    ("due_on", "today", "off", "left"),
    [
        (date(2026, 11, 27), date(2026, 11, 23), (), 4),
        (date(2026, 11, 27), date(2026, 11, 23), (date(2026, 11, 25),), 3),
        (date(2026, 11, 30), date(2026, 11, 27), (), 1),
        (date(2026, 11, 27), date(2026, 11, 27), (), 0),
        (date(2026, 11, 27), date(2026, 11, 30), (), -1),
        (date(2026, 11, 26), date(2026, 12, 1), (date(2026, 11, 30),), -2),
    ],
)
def test_days_left_are_counted_from_tomorrow(due_on, today, off, left):
    assert days_left(due_on, today, off) == left


@given(DAYS, st.integers(-200, 200), HOLIDAYS)
def test_a_question_answered_on_the_same_day_costs_nobody_a_day(today, distance, off):
    due_on = today + timedelta(days=distance)
    left = days_left(due_on, today, off)
    again = due_day(left, today, off)
    assert is_working_day(again, off)
    assert days_left(again, today, off) == left or left == 0
    if is_working_day(due_on, off) and is_working_day(today, off):
        assert again == due_on


@given(DAYS, st.integers(0, 40), st.integers(0, 60), HOLIDAYS)
def test_the_longer_the_question_is_open_the_later_the_decision(today, left, pause, off):
    assert due_day(left, today + timedelta(days=pause), off) >= due_day(left, today, off)


@pytest.mark.django_db
def test_the_clock_stands_still_until_the_answer():
    PublicHoliday.objects.create(day=date(2026, 12, 10), name_km="ក", name_en="Day", source="test")
    desk = a_desk()
    application = brought_to(an_application(due_on=date(2026, 11, 27)), ApplicationState.UNDER_REVIEW, desk)
    queries.ask(application=application, text="Which storey?", by=desk.reviewer, at=NOW)
    application.refresh_from_db()
    assert (application.state, application.due_on, application.days_left) == (ApplicationState.QUERIED, None, 5)
    later = NOW + timedelta(days=11)
    queries.answer(application=application, text="The third.", by=application.created_by, at=later)
    application.refresh_from_db()
    assert application.state == ApplicationState.UNDER_REVIEW
    assert (application.due_on, application.days_left) == (date(2026, 12, 11), None)
    assert clock.working_days_after(date(2026, 12, 3), 5) == application.due_on


@pytest.mark.django_db
def test_the_review_waits_for_advice_until_its_day():
    desk = a_desk()
    body = AdviceBody.objects.create(code="council", name_km="គណៈ", name_en="Council")
    application = brought_to(an_application(), ApplicationState.UNDER_REVIEW, desk)
    asked = advice.ask(application=application, body=body, due_on=TODAY + 9 * DAY, by=desk.reviewer, at=NOW)
    with pytest.raises(Refused) as refusal:
        advice.ask(application=application, body=body, due_on=TODAY + 9 * DAY, by=desk.reviewer, at=NOW)
    assert refusal.value.code == "asked_already"
    with pytest.raises(Refused, match="Council") as refusal:
        reviewing.finish(application=application, by=desk.reviewer, at=NOW)
    assert refusal.value.code == "advice_is_awaited"
    advice.give(advice=asked, opinion="no_objection", by=desk.reviewer, at=NOW)
    reviewing.finish(application=application, by=desk.reviewer, at=NOW)
