"""Flags and sweeps on pages: who sees what, in how many queries, and what a page says."""

from datetime import date
from unittest.mock import patch

import pytest
import time_machine
from django.urls import reverse

from enforcement import sweeps
from enforcement.models import Flag, SweepRun
from enforcement.rules import BY_CODE
from enforcement.states import SweepState
from registry.accounts.states import Role
from tests import factories

pytestmark = pytest.mark.django_db
AS_OF = date(2026, 11, 22)


@pytest.fixture
def flagged():
    """One facility in each of two provinces, both never inspected and without a licence."""
    here = factories.a_facility(name_en="Here")
    there = factories.a_facility(name_en="There", province=factories.another_province())
    sweeps.sweep(as_of=AS_OF, started_by="test")
    return here, there


def sign_in(client, role=Role.ENFORCEMENT_OFFICER):
    user = factories.a_user(role)
    client.force_login(user)
    return user


def test_an_inspector_sees_the_flags_of_the_own_province_only(client, flagged):
    sign_in(client, Role.INSPECTOR)
    page = client.get(reverse("flag-list")).content.decode()
    assert "Here" in page and "There" not in page
    elsewhere = Flag.objects.get(facility=flagged[1], rule="never_inspected")
    assert client.get(reverse("flag-detail", args=[elsewhere.pk])).status_code == 404


def test_the_flag_page_says_the_rule_and_the_facts_it_rests_on(client, settings):
    facility = factories.a_facility()
    factories.an_approved_visit(facility, visited_on=date(2024, 3, 8), next_due_on=date(2025, 3, 8))
    sweeps.sweep(as_of=AS_OF, started_by="test", rules=["inspection_overdue"])
    sign_in(client)
    settings.LANGUAGE_CODE = "en"
    page = client.get(reverse("flag-detail", args=[Flag.objects.get().pk]), headers={"accept-language": "en"})
    for text in ("Inspection overdue", "8 March 2024", "8 March 2025", "9 March 2025", facility.name_en):
        assert text in page.content.decode()


@pytest.mark.parametrize("facilities", [1, 12])
def test_the_flag_list_takes_the_same_queries_for_few_and_for_many(client, facilities, django_assert_num_queries):
    for _ in range(facilities):
        factories.a_facility()
    sweeps.sweep(as_of=AS_OF, started_by="test")
    sign_in(client)
    with django_assert_num_queries(4):
        assert client.get(reverse("flag-list")).status_code == 200


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("rule=never_inspected", {"never_inspected"}),
        ("severity=4", {"operating_without_licence"}),
        ("q=here&rule=never_inspected", {"never_inspected"}),
        ("q=nowhere", set()),
        ("state=cleared", set()),
        ("raised_from=23/11/2026", set()),
        ("province=01&rule=never_inspected", {"never_inspected"}),
    ],
)
def test_flags_are_filtered(client, flagged, query, expected):
    sign_in(client)
    response = client.get(f"{reverse('flag-list')}?{query}&export=csv")
    rules = {flag.rule for flag in Flag.objects.all()}
    body = b"".join(response.streaming_content).decode()
    assert {rule for rule in rules if str(BY_CODE[rule].title) in body} == expected


def test_a_running_sweep_shows_how_far_it_is_and_the_page_is_asked_again(client):
    run = SweepRun.objects.create(
        as_of=AS_OF, started_by="test", started_at=factories.NOW, facilities_total=200, facilities_done=50
    )
    sign_in(client)
    address = reverse("sweep-run-detail", args=[run.pk])
    assert b'value="50"' in client.get(address).content
    part = client.get(address, headers={"hx-request": "true", "hx-target": "sweep-progress"})
    assert b"<html" not in part.content and b'value="50"' in part.content
    SweepRun.objects.update(state=SweepState.COMPLETED, finished_at=factories.NOW)
    done = client.get(address, headers={"hx-request": "true", "hx-target": "sweep-progress"})
    assert done["HX-Refresh"] == "true"


@pytest.mark.parametrize(
    ("role", "status"),
    [(role, 200 if role in ("enforcement_officer", "administrator") else 403) for role in Role.values],
)
def test_only_some_may_start_a_sweep(client, role, status):
    sign_in(client, role)
    assert client.get(reverse("sweep-start")).status_code == status


def test_starting_a_sweep_hands_it_to_the_queue_as_of_today(client, time_machine_at):
    user = sign_in(client)
    with patch("enforcement.tasks.sweep_now.delay") as queue:
        response = client.post(reverse("sweep-start"))
    assert response.status_code == 302
    queue.assert_called_once_with(as_of="2026-11-23", started_by=user.username)


@pytest.fixture
def time_machine_at():
    """Half past one in the morning in Phnom Penh is still the day before in Greenwich."""
    with time_machine.travel("2026-11-22T18:30:00Z", tick=False):
        yield


def test_the_list_of_sweeps_shows_what_each_did(client, flagged, django_assert_num_queries):
    sign_in(client)
    with django_assert_num_queries(3):
        page = client.get(reverse("sweep-run-list"))
    assert page.status_code == 200
    assert SweepRun.objects.get().state == SweepState.COMPLETED
