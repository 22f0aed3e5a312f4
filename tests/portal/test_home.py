"""The home page of each role: what is to be done now, each number leading to its list."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from enforcement.sweeps import sweep
from inspections.states import VisitState
from licensing.states import LicenceState
from registry.accounts.states import Role
from tests.factories import (
    NOW,
    TODAY,
    a_facility,
    a_licence,
    a_province,
    a_user,
    a_visit,
    an_approved_visit,
    another_province,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("on_that_day")]
DAY = timedelta(days=1)
QUERIES = {
    Role.INSPECTOR: 8,
    Role.PROVINCIAL_MANAGER: 13,
    Role.LICENSING_OFFICER: 10,
    Role.APPROVER: 10,
    Role.ENFORCEMENT_OFFICER: 8,
    Role.AUDITOR: 7,
    Role.ADMINISTRATOR: 6,
    Role.OPERATOR: 7,
}
"""Session and person among them."""


@pytest.fixture
def on_that_day(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def busy() -> None:
    """In each of two provinces one facility overdue, one due, one never inspected, and licences that end and wait."""
    for province in (a_province(), another_province()):
        overdue, soon, never = (a_facility(province=province, since=date(2020, 1, 1)) for _ in range(3))
        an_approved_visit(overdue, visited_on=TODAY - 700 * DAY, next_due_on=TODAY - DAY)
        an_approved_visit(soon, visited_on=TODAY - 300 * DAY, next_due_on=TODAY)
        a_licence(overdue, valid_from=TODAY - 400 * DAY, valid_until=TODAY - DAY)
        a_licence(soon, valid_from=TODAY - 100 * DAY, valid_until=TODAY + 90 * DAY)
        a_licence(never, valid_from=TODAY, valid_until=TODAY + DAY, state=LicenceState.RECORDED)
        a_visit(never, state=VisitState.SUBMITTED)
    sweep(as_of=TODAY, started_by="test")


def figures(client, role, **fields) -> dict[str, int]:
    client.force_login(a_user(role, **fields))
    return {figure.text: figure.number for figure in client.get(reverse("home")).context["work"].figures}


def test_an_inspector_sees_own_visits_and_what_is_due_in_the_own_province(client, busy):
    inspector = a_user(Role.INSPECTOR)
    mine = a_visit(a_facility(name_en="Mine"), inspector=inspector)
    elsewhere = a_facility(name_en="Of a colleague")
    an_approved_visit(elsewhere, visited_on=TODAY, next_due_on=TODAY + 400 * DAY)
    a_visit(elsewhere)
    client.force_login(inspector)
    response = client.get(reverse("home"))
    numbers = {figure.text: figure.number for figure in response.context["work"].figures}
    page = response.content.decode()
    assert numbers["planned visits"] == 1
    assert (numbers["facilities overdue for a visit"], numbers["visits due within 30 days"]) == (3, 1)
    assert "Mine" in page and "Of a colleague" not in page
    assert reverse("visit-detail", args=[mine.uuid]) in page


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        (Role.PROVINCIAL_MANAGER, {"visits waiting for approval": 1, "facilities overdue for a visit": 2}),
        (Role.PROVINCIAL_MANAGER, {"facilities never inspected": 1}),
        (Role.LICENSING_OFFICER, {"licences waiting for approval": 2, "licences ending within 90 days": 2}),
        (Role.LICENSING_OFFICER, {"facilities with an expired licence": 2}),
        (Role.LICENSING_OFFICER, {"facilities operating without a licence": 2}),
        (Role.APPROVER, {"licences waiting for approval": 2, "visits waiting for approval": 2}),
        (Role.ENFORCEMENT_OFFICER, {"open flags": 8, "flags raised in the last 7 days": 8}),
        (Role.AUDITOR, {"open flags": 8}),
        (Role.ADMINISTRATOR, {"refused imports": 0}),
    ],
)
def test_each_role_sees_what_waits_for_it(client, busy, role, expected):
    numbers = figures(client, role)
    assert {text: numbers[text] for text in expected} == expected


@pytest.mark.parametrize("role", Role.values)
def test_each_number_opens_a_list_with_so_many_rows(client, busy, role):
    client.force_login(a_user(role))
    for figure in client.get(reverse("home")).context["work"].figures:
        response = client.get(figure.href)
        assert response.status_code == 200, figure
        assert len(response.context["rows"]) == figure.number, figure


@pytest.mark.parametrize("role", Role.values)
def test_the_home_page_costs_the_same_however_much_there_is_to_do(client, busy, role, django_assert_num_queries):
    client.force_login(a_user(role))
    with django_assert_num_queries(QUERIES[Role(role)]):
        client.get(reverse("home"))


def test_the_due_list_begins_with_the_overdue_and_keeps_to_the_province(client, busy):
    client.force_login(a_user(Role.INSPECTOR))
    rows = client.get(reverse("visit-due")).context["rows"]
    assert [row[3].value for row in rows] == [date(2020, 1, 1), TODAY - DAY, TODAY]
    assert len(client.get(reverse("visit-due"), {"due": "overdue"}).context["rows"]) == 2
