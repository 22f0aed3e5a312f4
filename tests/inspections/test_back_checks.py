"""Visits are drawn by lot, repeated blind, compared item by item, and move nothing."""

import threading
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from enforcement.sweeps import sweep
from inspections.actions import back_checks, visits
from inspections.models import BackCheck, BackCheckRound, CorrectiveAction, Finding, Standing, Visit
from inspections.reports.back_checks import differences, results
from inspections.rules.sampling import sample, size
from inspections.states import LicenceSeen, Purpose, VisitOutcome, VisitState
from registry.accounts.states import Role
from registry.core.errors import NotPermitted, Refused
from tests.factories import (
    NOW,
    TODAY,
    a_checklist_version,
    a_facility,
    a_province,
    a_ruleset,
    a_user,
    a_visit,
    another_province,
    answers_to,
)

DAY = timedelta(days=1)
POPULATION = st.dictionaries(st.uuids().map(str), st.sampled_from("abcd"), max_size=60)
SHARES = st.decimals(Decimal("0.01"), Decimal(100), places=2)


# --- the sample


@given(POPULATION, SHARES, st.integers(0, 2**31))
def test_a_sample_takes_the_share_of_every_stratum_and_at_least_one(population, percent, seed):
    drawn = sample(population.items(), percent=percent, seed=seed)
    assert len(set(drawn)) == len(drawn)
    for stratum in set(population.values()):
        members = [key for key, of in population.items() if of == stratum]
        assert len(set(drawn) & set(members)) == size(len(members), percent) >= 1
    assert sample(population.items(), percent=Decimal(100), seed=seed) == sorted(population)


@given(POPULATION, SHARES, st.integers(0, 2**31), st.randoms(use_true_random=False))
def test_the_same_seed_draws_the_same_sample_whatever_the_order(population, percent, seed, chance):
    rows = list(population.items())
    first = sample(rows, percent=percent, seed=seed)
    chance.shuffle(rows)
    assert sample(rows, percent=percent, seed=seed) == first
    of_one = {key: stratum for key, stratum in population.items() if stratum == "a"}
    assert [key for key in first if key in of_one] == sample(of_one.items(), percent=percent, seed=seed)


def test_over_many_seeds_every_visit_has_the_same_chance():
    population = [(f"visit {number}", "one inspector") for number in range(10)]
    drawn = [key for seed in range(2000) for key in sample(population, percent=Decimal(20), seed=seed)]
    assert all(300 < drawn.count(key) < 500 for key, _stratum in population)


# --- drawing


@pytest.fixture
def approver():
    return a_user(Role.APPROVER)


def a_decided_visit(facility=None, *, by=None, on=TODAY - 30 * DAY, **fields):
    """An approved visit by an inspector, with its standing and findings, through the real action."""
    facility = facility or a_facility()
    version = fields.pop("checklist_version", None) or a_checklist_version(facility_type=facility.type)
    visit = a_visit(
        facility,
        state=VisitState.SUBMITTED,
        visited_on=on,
        checklist_version=version,
        licence_seen=LicenceSeen.VALID,
        answers=fields.pop("answers", None) or answers_to(version, S01__01="no"),
        **fields,
    )
    return visits.approve(visit=visit, by=by or a_user(Role.APPROVER), at=NOW)


def drawn(by, *, percent=100, seed=1):
    return back_checks.draw(
        from_on=TODAY - 60 * DAY, until_on=TODAY - DAY, percent=Decimal(percent), seed=seed, by=by, at=NOW
    )


def repeated(check, by, inspector=None):
    inspector = inspector or a_user(Role.INSPECTOR, province=check.original.facility.province)
    return back_checks.assign(check=check, inspector=inspector, planned_on=TODAY, by=by, at=NOW)


@pytest.mark.django_db
def test_only_counting_visits_of_the_period_by_inspectors_are_drawn(approver):
    drawable = a_decided_visit()
    a_decided_visit(on=TODAY - 90 * DAY)
    a_visit(state=VisitState.SUBMITTED, visited_on=TODAY - 5 * DAY)
    refused = a_visit(state=VisitState.SUBMITTED, visited_on=TODAY - 5 * DAY, outcome=VisitOutcome.REFUSED)
    visits.approve(visit=refused, by=approver, at=NOW)
    drawn(approver)
    assert [check.original for check in BackCheck.objects.all()] == [drawable]


@pytest.mark.django_db
def test_a_visit_is_drawn_once_and_a_round_is_drawn_once(approver):
    a_decided_visit()
    drawn(approver)
    for seed in (1, 2):
        with pytest.raises(Refused):
            drawn(approver, seed=seed)
    assert BackCheckRound.objects.count() == BackCheck.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_who_draw_at_once_draw_no_visit_twice():
    approver = a_user(Role.APPROVER)
    for _ in range(4):
        a_decided_visit()
    start, refused = threading.Barrier(2), []

    def draw(seed):
        start.wait()
        try:
            drawn(approver, seed=seed)
        except Refused as refusal:
            refused.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=draw, args=[seed]) for seed in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert BackCheck.objects.count() == 4
    assert refused == ["nothing_to_draw"]


@pytest.mark.django_db
@pytest.mark.parametrize("role", sorted(set(Role) - {Role.APPROVER, Role.ADMINISTRATOR}))
def test_only_the_ministry_draws(role):
    with pytest.raises(NotPermitted):
        drawn(a_user(role))


# --- the repeat


@pytest.mark.django_db
def test_the_repeat_uses_the_same_version_even_if_a_newer_one_is_published(approver):
    visit = a_decided_visit()
    drawn(approver)
    repeat = repeated(BackCheck.objects.get(), approver)
    assert (repeat.purpose, repeat.announced) == (Purpose.BACK_CHECK, False)
    assert repeat.checklist_version == visit.checklist_version
    repeat.members.update(stated_at=NOW)
    newer = visit.checklist_version.checklist
    visit.checklist_version.state = "retired"
    visit.checklist_version.save()
    newer.versions.create(number=2, state="published", published_at=NOW)
    begun = visits.start(visit=repeat, by=repeat.inspector, at=NOW)
    assert begun.checklist_version == visit.checklist_version


@pytest.mark.django_db
def test_nobody_who_may_know_the_result_repeats_a_visit(approver):
    visit = a_decided_visit()
    since = a_user(Role.INSPECTOR)
    a_visit(visit.facility, state=VisitState.SUBMITTED, visited_on=TODAY - DAY, inspector=since)
    drawn(approver)
    check = BackCheck.objects.get()
    for person in (visit.inspector, since, a_user(Role.INSPECTOR, province=another_province()), approver):
        with pytest.raises(Refused):
            repeated(check, approver, person)
    repeated(check, a_user(Role.PROVINCIAL_MANAGER))
    with pytest.raises(Refused):
        repeated(check, approver)


@pytest.mark.django_db
def test_the_database_keeps_the_first_inspectors_out_of_the_repeat(approver):
    visit = a_decided_visit()
    drawn(approver)
    repeat = repeated(BackCheck.objects.get(), approver)
    own = a_visit(visit.facility, inspector=visit.inspector, purpose=Purpose.FOLLOW_UP)
    join = "INSERT INTO inspections_visitmember (visit_id, person_id, sections) VALUES (%s, %s, '[]')"
    for statement, values in (
        (
            join,
            [repeat.pk, visit.inspector_id],
        ),
        ("UPDATE inspections_backcheck SET repeat_id = %s", [own.pk]),
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, values)


@pytest.fixture
def under_way(approver):
    """A visit of one inspector that put the facility into the lowest band, being repeated by another one."""
    facility = a_facility()
    visit = a_decided_visit(
        facility, answers=answers_to(version := a_checklist_version(), "no"), checklist_version=version
    )
    sweep(as_of=TODAY, started_by="test")
    drawn(approver)
    repeat = repeated(BackCheck.objects.get(), approver)
    Visit.objects.filter(pk=repeat.pk).update(state=VisitState.IN_PROGRESS, started_at=NOW)
    return visit, Visit.objects.get(pk=repeat.pk)


PAGES = (
    lambda visit: reverse("facility-detail", args=[visit.facility.number]),
    lambda visit: reverse("visit-list"),
    lambda visit: reverse("visit-list") + "?export=csv",
    lambda visit: reverse("visit-due"),
    lambda visit: reverse("flag-list"),
    lambda visit: reverse("finding-list"),
    lambda visit: reverse("home"),
    lambda visit: "/api/v1/visits/",
    lambda visit: f"/api/v1/facilities/{visit.facility.number}/",
    lambda visit: "/api/v1/flags/",
)
TRACES = ("Non-compliant", "non_compliant", "2026-10-23", "23 October 2026", "23/10/2026", "0.00")


def read(person, address):
    client = Client()
    client.force_login(person)
    response = client.get(address, follow=True)
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return response.status_code, body.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("page", PAGES)
def test_the_repeating_inspector_meets_no_trace_of_the_first_result_anywhere(under_way, page):
    visit, repeat = under_way
    status, text = read(repeat.inspector, page(visit))
    assert status == 200
    chosen = text.split("<main", 1)[-1].split('id="list-filters"')[0] + text.split('id="list-result"')[-1]
    for trace in (str(visit.uuid), *TRACES):
        assert trace not in chosen, trace
    manager = a_user(Role.PROVINCIAL_MANAGER)
    assert any(trace in read(manager, page(visit))[1] for trace in (str(visit.uuid), *TRACES))


@pytest.mark.django_db
def test_what_was_found_first_is_hidden_until_the_repeat_is_decided(under_way):
    visit, repeat = under_way
    person = repeat.inspector

    def seen():
        return (
            Visit.objects.visible_to(person).filter(pk=visit.pk).exists(),
            Standing.objects.visible_to(person).exists(),
            Finding.objects.visible_to(person).exists(),
        )

    closed = (reverse("visit-detail", args=[visit.uuid]), reverse("standing-detail", args=[visit.facility.number]))
    for address in (*closed, reverse("facility-order", args=[visit.facility.number])):
        assert read(person, address)[0] == 404
    assert seen() == (False, False, False)
    repeat.state, repeat.visited_on, repeat.outcome = VisitState.SUBMITTED, TODAY, VisitOutcome.COMPLETED
    repeat.licence_seen, repeat.submitted_at, repeat.submitted_by = LicenceSeen.VALID, NOW, person
    repeat.answers = answers_to(repeat.checklist_version)
    repeat.save()
    assert seen() == (False, False, False), "handed in can still be returned and changed"
    visits.approve(visit=repeat, by=a_user(Role.APPROVER), at=NOW)
    assert seen() == (True, True, True)


@pytest.mark.django_db
def test_the_first_inspector_does_not_learn_that_the_visit_is_repeated(under_way):
    visit, repeat = under_way
    first = visit.inspector
    assert not Visit.objects.visible_to(first).filter(pk=repeat.pk).exists()
    assert not BackCheck.objects.visible_to(first).exists()
    assert not BackCheckRound.objects.visible_to(first).exists()
    for page in PAGES:
        text = read(first, page(visit))[1]
        assert str(repeat.uuid) not in text
        assert repeat.inspector.username not in text.split('id="list-filters"')[0] + text.split('id="list-result"')[-1]
    for name in ("back-check-list", "back-check-results", "back-check-draw"):
        assert read(first, reverse(name))[0] == 403
    assert read(first, reverse("back-check-detail", args=[BackCheck.objects.get().pk]))[0] == 403


@pytest.mark.django_db
def test_a_repeat_moves_nothing_and_is_compared_item_by_item(approver):
    a_ruleset()
    version = a_checklist_version()
    visit = a_decided_visit(
        checklist_version=version, services=["surgery"], answers=answers_to(version, S01__01="no", S01__02="partial")
    )
    before = list(Standing.objects.values()), list(Finding.objects.values()), list(CorrectiveAction.objects.values())
    drawn(approver)
    check = BackCheck.objects.get()
    repeat = repeated(check, approver)
    check.refresh_from_db()
    assert differences(check) == []
    Visit.objects.filter(pk=repeat.pk).update(state=VisitState.IN_PROGRESS)
    Visit.objects.filter(pk=repeat.pk).update(
        state=VisitState.SUBMITTED,
        visited_on=TODAY,
        outcome=VisitOutcome.COMPLETED,
        licence_seen=LicenceSeen.VALID,
        submitted_at=NOW,
        submitted_by=repeat.inspector,
        services=["surgery"],
        answers=answers_to(version, S01__01="no", S02__03="no"),
    )
    visits.approve(visit=repeat, by=approver, at=NOW)
    after = list(Standing.objects.values()), list(Finding.objects.values()), list(CorrectiveAction.objects.values())
    assert after == before
    check = BackCheck.objects.get()
    differing = [(found.key, found.first, found.second) for found in differences(check) if found.differs]
    assert differing == [("S01.02", "partial", "yes"), ("S02.03", "yes", "no")]
    found = results(approver)
    assert (found.whole.compared, found.whole.differing, found.whole.graver, found.whole.rate) == (6, 2, 1, 33)
    assert [tally.name for tally in found.inspectors] == [visit.inspector]
    assert results(a_user(Role.PROVINCIAL_MANAGER, province=another_province())).whole.repeats == 0


@pytest.mark.django_db
def test_the_pages_of_back_checks(approver, django_assert_max_num_queries):
    a_decided_visit()
    a_decided_visit(a_facility(province=another_province()))
    client = Client()
    client.force_login(approver)
    period = {"from_on": (TODAY - 60 * DAY).strftime("%d/%m/%Y"), "until_on": (TODAY - DAY).strftime("%d/%m/%Y")}
    assert client.get(reverse("back-check-draw")).status_code == 200
    typed = period | {"percent": "៥០", "seed": "7"}
    assert client.post(reverse("back-check-draw"), typed).status_code == 302
    assert client.post(reverse("back-check-draw"), typed).status_code == 409
    check = BackCheck.objects.filter(original__facility__province=a_province()).get()
    chosen = {"inspector": a_user(Role.INSPECTOR).pk, "planned_on": timezone.localdate().strftime("%d/%m/%Y")}
    assert client.post(reverse("back-check-assign", args=[check.pk]), chosen).status_code == 302
    assert client.post(reverse("back-check-assign", args=[check.pk]), chosen).status_code == 409
    with django_assert_max_num_queries(8):
        assert client.get(reverse("back-check-list")).status_code == 200
    with django_assert_max_num_queries(8):
        assert client.get(reverse("back-check-results")).status_code == 200
    assert client.get(reverse("back-check-detail", args=[check.pk])).status_code == 200
    client.force_login(a_user(Role.PROVINCIAL_MANAGER, province=another_province()))
    assert client.get(reverse("back-check-detail", args=[check.pk])).status_code == 404
