"""What is due, the calendar, the map, and the pages on which a team is chosen and states its interests."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from inspections.actions import visits
from inspections.models import Visit
from inspections.states import Purpose, VisitState
from registry.accounts.states import Role
from registry.models import Interest
from tests.factories import (
    a_checklist_version,
    a_facility,
    a_ruleset,
    a_user,
    a_visit,
    an_approved_visit,
    another_province,
)

pytestmark = pytest.mark.django_db
ENGLISH = {"Accept-Language": "en"}
DAY = timedelta(days=1)


@pytest.fixture
def today():
    return timezone.localdate()


@pytest.fixture
def manager(client):
    manager = a_user(Role.PROVINCIAL_MANAGER)
    client.force_login(manager)
    return manager


@pytest.fixture
def version():
    a_ruleset()
    return a_checklist_version()


def due(on, **fields):
    facility = a_facility(**fields)
    an_approved_visit(facility, visited_on=on - 300 * DAY, next_due_on=on)
    return facility


def page(client, name, *arguments, **query):
    answer = client.get(reverse(name, args=arguments), query, headers=ENGLISH)
    assert answer.status_code == 200
    return answer


def test_the_due_list_says_who_goes_filters_and_costs_the_same(
    client, manager, version, today, django_assert_num_queries
):
    inspector = a_user(Role.INSPECTOR, first_name="Sok", last_name="Dara")
    taken, waiting, unplanned = due(today - 3 * DAY), due(today - 2 * DAY), due(today + DAY)
    due(today, province=another_province())
    a_visit(taken, checklist_version=version, inspector=inspector, planned_on=today + 4 * DAY)
    a_visit(waiting, checklist_version=version, inspector=None, purpose=Purpose.COMPLAINT)
    with django_assert_num_queries(7):
        answer = page(client, "visit-due")
    text = answer.content.decode()
    assert [row[0].value for row in answer.context["rows"]] == [taken, waiting, unplanned]
    assert "Sok Dara" in text
    for query, expected in (
        ({"taken": "yes"}, [taken]),
        ({"taken": "no"}, [waiting, unplanned]),
        ({"purpose": "complaint"}, [waiting]),
        ({"due": "overdue"}, [taken, waiting]),
        ({"type": "clinic"}, [taken, waiting, unplanned]),
    ):
        rows = page(client, "visit-due", **query).context["rows"]
        assert [row[0].value for row in rows] == expected, query
    for _number in range(10):
        a_visit(due(today), checklist_version=version, inspector=inspector)
    with django_assert_num_queries(7):
        page(client, "visit-due")


def test_who_was_never_inspected_is_on_the_due_list_and_on_the_map_page_by_page(client, manager, version, today):
    known = due(today - 3 * DAY)
    never = {a_facility(name_en=f"New Clinic {number}", latitude="11.5", longitude="104.9") for number in range(52)}
    shown = [row for at in ("", None) for row in rows_of(client, at)]
    assert {row[0].value for row in shown} == {known, *never}
    assert len(shown) == 53
    assert [row[0].value for row in rows_of(client, "", due="overdue", q=known.number)] == [known]
    assert len(rows_of(client, "", band="never", type="clinic")) == 50
    text = page(client, "visit-due", sort="next_due_on").content.decode()
    assert "never inspected" in text
    assert "never inspected" in page(client, "visit-map").content.decode()


def rows_of(client, cursor, **query):
    """The rows of the first page ("") or of the one behind it (None)."""
    answer = page(client, "visit-due", **query)
    if cursor is None:
        answer = client.get(reverse("visit-due") + answer.context["next"], headers=ENGLISH)
    return answer.context["rows"]


def test_the_calendar_shows_a_month_of_the_province_and_costs_the_same(
    client, manager, version, today, django_assert_num_queries
):
    first = today.replace(day=1)
    here = a_visit(a_facility(name_en="Here Clinic"), checklist_version=version, planned_on=first)
    a_visit(a_facility(name_en="Nobody Clinic"), checklist_version=version, inspector=None, planned_on=first)
    a_visit(a_facility(name_en="Far Clinic", province=another_province()), planned_on=first)
    a_visit(a_facility(name_en="Later Clinic"), checklist_version=version, planned_on=first + 40 * DAY)
    due(first + DAY, name_en="Due Clinic")
    with django_assert_num_queries(5):
        text = page(client, "visit-calendar").content.decode()
    assert reverse("visit-detail", args=[here.uuid]) in text
    assert all(name in text for name in ("Here Clinic", "Nobody Clinic", "nobody yet", "Due Clinic", "not planned"))
    assert not any(name in text for name in ("Far Clinic", "Later Clinic"))
    for _number in range(8):
        a_visit(a_facility(), checklist_version=version, planned_on=first)
    with django_assert_num_queries(5):
        text = page(client, "visit-calendar").content.decode()
    assert f"planned_from={first}&amp;planned_until={first}" in text
    assert "6 more" in text
    answer = page(client, "visit-list", planned_from=first, planned_until=first)
    assert len(answer.context["rows"]) == 10


def test_an_inspector_looks_at_the_own_month(client, version, today):
    inspector = a_user(Role.INSPECTOR)
    client.force_login(inspector)
    a_visit(a_facility(name_en="Mine"), checklist_version=version, inspector=inspector)
    a_visit(a_facility(name_en="Colleague's Clinic"), checklist_version=version)
    month = f"{today:%Y-%m}"
    assert "Colleague" in page(client, "visit-calendar", month=month).content.decode()
    text = page(client, "visit-calendar", month=month, whose="mine").content.decode()
    assert "Mine" in text
    assert "Colleague" not in text


@pytest.mark.parametrize("month", ["2026-13", "26-1", "x", "៩", "9999-12"])
def test_a_month_that_is_none_is_not_found(client, manager, month):
    assert client.get(reverse("visit-calendar"), {"month": month}).status_code == 404


def test_the_map_shows_the_same_as_its_list(client, manager, today, django_assert_num_queries):
    shown = due(today - DAY, name_en="On The Map", latitude="11.5", longitude="104.9")
    due(today - DAY, name_en="Without A Point")
    due(today, name_en="Elsewhere", province=another_province(), latitude="13.5", longitude="102.9")
    with django_assert_num_queries(6):
        text = page(client, "visit-map").content.decode()
    assert text.count("<circle") == 1
    assert 'href="#due-1"' in text
    assert 'id="due-1"' in text
    assert reverse("facility-detail", args=[shown.number]) in text
    assert "Without A Point" in text
    assert "Elsewhere" not in text


def test_a_manager_plans_and_then_chooses_the_team(client, manager, version, today):
    facility = a_facility()
    lead, colleague = a_user(Role.INSPECTOR), a_user(Role.INSPECTOR)
    kept_out = a_user(Role.INSPECTOR, first_name="Kept", last_name="Out")
    Interest.objects.create(person=kept_out, facility=facility, nature="Shares", declared_on=today)
    address = reverse("visit-plan", args=[facility.number])
    text = page(client, "visit-plan", facility.number).content.decode()
    assert "Kept Out has declared an interest in this facility." in text
    sent = {
        "inspector": lead.pk,
        "members": [colleague.pk],
        "planned_on": f"{today:%d/%m/%Y}",
        "purpose": "routine",
        "checklist_version": version.pk,
    }
    assert client.post(address, sent | {"inspector": kept_out.pk}).status_code == 200
    assert client.post(address, sent).status_code == 302
    visit = Visit.objects.get()
    choose = reverse("visit-assign", args=[visit.uuid])
    assert choose in page(client, "visit-detail", visit.uuid).content.decode()
    team = {"planned_on": f"{today + DAY:%d/%m/%Y}", "lead": colleague.pk, "members": [lead.pk]}
    answer = client.post(choose, team | {"section_S01": kept_out.pk}, headers=ENGLISH)
    assert answer.status_code == 200
    assert client.post(choose, team | {"section_S01": lead.pk})["location"] == reverse(
        "visit-detail", args=[visit.uuid]
    )
    visit.refresh_from_db()
    assert (visit.inspector, visit.planned_on) == (colleague, today + DAY)
    assert dict(visit.members.values_list("person", "sections")) == {lead.pk: ["S01"], colleague.pk: []}


def test_the_plan_takes_over_what_waits_and_says_so(client, manager, version, today):
    waiting = a_visit(inspector=None, checklist_version=version, planned_on=today + 20 * DAY)
    lead = a_user(Role.INSPECTOR)
    text = page(client, "visit-plan", waiting.facility.number).content.decode()
    assert "nobody has taken it yet" in text
    assert f'value="{today + 20 * DAY:%d/%m/%Y}"' in text
    sent = {
        "inspector": lead.pk,
        "planned_on": f"{today:%d/%m/%Y}",
        "purpose": "routine",
        "checklist_version": version.pk,
    }
    client.post(reverse("visit-plan", args=[waiting.facility.number]), sent)
    assert Visit.objects.get().inspector == lead


def test_a_member_states_to_have_no_interest_or_leaves(client, manager, version, today):
    lead, colleague = a_user(Role.INSPECTOR), a_user(Role.INSPECTOR)
    visit = visits.plan(
        facility=a_facility(),
        inspector=lead,
        members={colleague: ()},
        checklist_version=version,
        planned_on=today,
        purpose=Purpose.ROUTINE,
        by=manager,
        at=timezone.now(),
    )
    address, detail = (reverse(name, args=[visit.uuid]) for name in ("visit-statement", "visit-detail"))
    assert client.get(address).status_code == 403
    client.force_login(lead)
    assert address in page(client, "visit-detail", visit.uuid).content.decode()
    assert client.post(reverse("visit-start", args=[visit.uuid])).status_code == 409
    assert client.post(address, {"answer": "no"})["location"] == detail
    assert reverse("visit-start", args=[visit.uuid]) in page(client, "visit-detail", visit.uuid).content.decode()
    client.force_login(colleague)
    answer = client.post(address, {"answer": "yes"}, headers=ENGLISH)
    assert "Say what the interest is" in answer.content.decode()
    assert client.post(address, {"answer": "yes", "nature": "My brother owns it"})["location"] == detail
    assert [member.person for member in visit.members.all()] == [lead]
    assert Interest.objects.get().person == colleague


def test_interests_are_declared_on_a_page_and_ended_with_a_reason(client, today):
    inspector, facility = a_user(Role.INSPECTOR), a_facility()
    client.force_login(inspector)
    declare = reverse("interest-declare")
    wrong = {"facility_number": "KH000000000", "nature": "Shares"}
    assert "no facility with this number" in client.post(declare, wrong, headers=ENGLISH).content.decode()
    sent = {"facility_number": facility.number.lower(), "nature": "Shares"}
    assert client.post(declare, sent)["location"] == reverse("interest-list")
    assert client.post(declare, sent).status_code == 409
    interest = Interest.objects.get()
    assert len(page(client, "interest-list").context["rows"]) == 1
    assert client.post(reverse("interest-detail", args=[interest.pk]), {"reason": "Sold"}).status_code == 302
    interest.refresh_from_db()
    assert interest.ended_on == today
    client.force_login(a_user(Role.INSPECTOR))
    assert client.get(reverse("interest-detail", args=[interest.pk])).status_code == 404


@pytest.mark.parametrize("name", ["visit-assign", "visit-statement"])
def test_a_visit_of_another_province_has_no_team_page(client, manager, name):
    visit = a_visit(a_facility(province=another_province()), state=VisitState.PLANNED)
    assert client.get(reverse(name, args=[visit.uuid])).status_code == 404
