"""The order of work: the database and the rules agree, every point has its reason, and nobody peeks into the future."""

import csv
from datetime import date, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import settings as run
from hypothesis import strategies as st

from inspections.actions import risk_models
from inspections.actions.rulebook import DATA, read
from inspections.models import CorrectiveAction, Finding, RiskModel, Standing, Visit
from inspections.reports.replay import histories
from inspections.reports.risk import QUANTITIES, reasons_of, with_points
from inspections.rules.replay import Found, Past, by_points_known, replay, simulate, work
from inspections.rules.risk import FACTORS, points, reasons
from inspections.states import GRID, ActionState, BandCode, LicenceSeen, VisitOutcome, VisitState
from registry.accounts.states import Role
from registry.core.dates import add_months
from registry.core.errors import NotPermitted, Refused
from registry.models import Facility, FacilityService
from tests.factories import (
    NOW,
    TODAY,
    a_facility,
    a_ruleset,
    a_service,
    a_user,
    a_visit,
    an_approved_visit,
)

DAY = timedelta(days=1)
REAL = Path(settings.BASE_DIR).parent / "shared" / "data" / "inspections" / "us_cms_deficiencies_6states.csv"
WEIGHTS = read(DATA / "risk" / "first.toml")["weights"]


@pytest.fixture
def model(db):
    risk_models.load(by=None, at=NOW)
    return RiskModel.objects.get()


# --- the weights


def test_every_factor_is_counted_named_and_weighed():
    assert set(FACTORS) == set(QUANTITIES) == set(WEIGHTS)
    assert all(factor.name and factor.words(2) for factor in FACTORS.values())


@given(st.dictionaries(st.sampled_from(list(FACTORS)), st.integers(0, 30)))
def test_points_are_the_sum_of_their_reasons_and_no_reason_counts_beyond_its_most(quantities):
    found = reasons(quantities, WEIGHTS)
    assert sum(reason.points for reason in found) == points(quantities, WEIGHTS)
    assert all(0 < reason.quantity <= FACTORS[reason.code].most for reason in found)
    assert [reason.points for reason in found] == sorted((reason.points for reason in found), reverse=True)


def test_weights_are_loaded_once_replaced_from_their_day_and_frozen(model):
    assert risk_models.load(by=None, at=NOW) == 0
    definition = {**read(DATA / "risk" / "first.toml"), "number": 2, "valid_from": TODAY}
    with pytest.raises(NotPermitted):
        risk_models.add(definition=definition, by=a_user(Role.APPROVER), at=NOW)
    for wrong in ({"no_such_factor": 1}, {"refusals": -1}, {"refusals": 1.5}):
        with pytest.raises(Refused):
            risk_models.add(definition={**definition, "weights": wrong}, by=None, at=NOW)
    with pytest.raises(Refused):
        risk_models.add(definition={**definition, "number": 1, "weights": {}}, by=None, at=NOW)
    risk_models.add(definition=definition, by=a_user(Role.ADMINISTRATOR), at=NOW)
    assert RiskModel.objects.in_force(TODAY - DAY).get().number == 1
    assert RiskModel.objects.in_force(TODAY).get().number == 2
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE inspections_riskmodel SET weights = '{}'")


# --- the register as it is


def a_finding_of(facility):
    visit = facility.standing.visit
    return Finding(visit=visit, facility=facility, clause="1", text="Found", severity=4, grid="J", recorded_at=NOW)


def a_finding(visit, severity, corrected_on=None):
    return Finding.objects.create(
        visit=visit,
        facility=visit.facility,
        clause="1",
        text="Found",
        severity=severity,
        grid=GRID[(severity - 1) * 3],
        corrected_on=corrected_on,
        recorded_at=NOW,
    )


@pytest.fixture
def troubled(db):
    """A facility with something to say about nearly every factor."""
    facility = a_facility()
    visit = an_approved_visit(
        facility,
        visited_on=TODAY - 800 * DAY,
        next_due_on=TODAY - 100 * DAY,
        band=BandCode.MINIMALLY_COMPLIANT,
        score=30,
    )
    Visit.objects.filter(pk=visit.pk).update(licence_seen=LicenceSeen.EXPIRED)
    late = a_finding(visit, 3)
    a_finding(visit, 3, corrected_on=TODAY - 700 * DAY)
    a_finding(visit, 2)
    a_finding(visit, 4)
    a_finding(visit, 1)
    CorrectiveAction.objects.create(finding=late, facility=facility, due_on=TODAY - DAY, opened_at=NOW)
    refused = a_visit(facility, state=VisitState.SUBMITTED, visited_on=TODAY - 10 * DAY, outcome=VisitOutcome.REFUSED)
    Visit.objects.filter(pk=refused.pk).update(
        state=VisitState.APPROVED, decided_by=a_user(Role.APPROVER), decided_at=NOW
    )
    FacilityService.objects.create(facility=facility, service=a_service(), declared_on=TODAY)
    FacilityService.objects.create(
        facility=facility, service=a_service("massage", needs_authorisation=False), declared_on=TODAY
    )
    return facility


def test_the_reasons_of_a_facility_are_those_on_record(model, troubled):
    expected = {
        "months_overdue": 3,
        "years_since_visit": 2,
        "band_minimally_compliant": 1,
        "findings_potential": 1,
        "findings_actual": 1,
        "findings_jeopardy": 1,
        "actions_overdue": 1,
        "refusals": 1,
        "services_authorised": 1,
        "licence_not_valid": 1,
    }
    found = reasons_of([troubled.pk], TODAY)[troubled.pk]
    assert {reason.code: reason.quantity for reason in found} == expected
    assert found == reasons(expected, WEIGHTS)
    row = with_points(Standing.objects.all(), TODAY).get()
    assert row.risk_points == points(expected, WEIGHTS)


def test_a_facility_that_was_never_seen_has_its_own_reasons(model):
    predecessor = a_facility()
    taken = a_facility(predecessor=predecessor)
    assert {reason.code for reason in reasons_of([taken.pk], TODAY)[taken.pk]} == {"never_inspected", "taken_over"}


def test_a_corrective_action_that_is_verified_no_longer_counts(model, troubled):
    CorrectiveAction.objects.update(
        state=ActionState.VERIFIED, decided_at=NOW, decided_by=a_user(), verified_how="desk"
    )
    assert "actions_overdue" not in {reason.code for reason in reasons_of([troubled.pk], TODAY)[troubled.pk]}


def test_points_order_any_rows_in_one_query_and_without_weights_all_are_equal(troubled, django_assert_num_queries):
    quiet = a_facility()
    an_approved_visit(quiet, visited_on=TODAY - 10 * DAY, next_due_on=TODAY + 700 * DAY)
    assert {row.risk_points for row in with_points(Standing.objects.all(), TODAY)} == {0}
    risk_models.load(by=None, at=NOW)
    with django_assert_num_queries(2):
        ordered = list(with_points(Facility.objects.all(), TODAY, facility="pk").order_by("-risk_points", "pk"))
    assert ordered[0] == troubled
    due = list(Standing.objects.order_by("pk").values("facility", "next_due_on"))
    list(with_points(Standing.objects.all(), TODAY))
    assert due == list(Standing.objects.order_by("pk").values("facility", "next_due_on")), "points move no date"


def test_the_pages_say_what_weighs_and_why(model, troubled, client, django_assert_max_num_queries):
    client.force_login(a_user(Role.PROVINCIAL_MANAGER))
    with django_assert_max_num_queries(8):
        text = client.get(reverse("facility-order", args=[troubled.number])).content.decode()
    assert "3 months overdue" in text
    assert "Entry refused 1 time" in text
    assert client.get(reverse("risk-model-list")).status_code == 200
    assert client.get(reverse("risk-model-detail", args=[model.code, 1])).status_code == 200
    here = reverse("risk-model-replay", args=[model.code, 1])
    period = {"from_on": "1/1/2020", "until_on": "31/12/2026"}
    assert client.get(here).status_code == 200
    with django_assert_max_num_queries(8):
        assert client.get(here, period).status_code == 200
    assert "before it begins" in client.get(here, {"from_on": "2/1/2026", "until_on": "1/1/2026"}).content.decode()


# --- the past


SERIOUS = st.integers(1, 4)
FINDINGS = st.lists(st.builds(Found, SERIOUS, st.none() | st.dates(date(2020, 1, 1), date(2024, 1, 1))), max_size=4)


@st.composite
def records(draw):
    """Some facilities with their visits, each due a year after the last."""
    made = {}
    for number in range(draw(st.integers(1, 6))):
        days = sorted(draw(st.sets(st.dates(date(2020, 1, 1), date(2023, 12, 31)), min_size=1, max_size=5)))
        made[f"F{number}"] = [
            Past(day, add_months(day, 12), tuple(draw(FINDINGS)), ordinary=draw(st.booleans())) for day in days
        ]
    return made


PERIOD = {"from_on": date(2020, 6, 1), "until_on": date(2023, 12, 31)}


@run(deadline=None)
@given(records(), st.integers(1, 3))
def test_in_every_order_the_same_work_is_done_once_in_turn_and_within_capacity(histories, per_week):
    jobs = work(histories, **PERIOD)
    for key in (lambda job, day: (job.due_on.toordinal(),), by_points_known(histories, WEIGHTS)):
        done = simulate(jobs, key, per_week, PERIOD["from_on"])
        assert set(done) == set(jobs)
        days = list(done.values())
        assert all(days.count(day) <= per_week for day in days)
        for facility in histories:
            own = [done[job] for job in sorted(jobs, key=lambda job: job.place) if job.facility == facility]
            assert own == sorted(set(own))
        assert all(job.due_on - 30 * DAY <= day for job, day in done.items())


@run(deadline=None)
@given(records(), st.integers(1, 3), st.dates(date(2020, 6, 1), date(2023, 12, 31)), st.randoms(use_true_random=False))
def test_what_is_found_later_changes_no_decision_taken_before(histories, per_week, until, chance):
    """The findings of every visit made on or after a day, and every correction from then on, are made up anew."""

    def otherwise(past):
        if past.visited_on >= until:
            return Past(
                past.visited_on, past.due_on, tuple(Found(chance.randint(1, 4)) for _ in range(3)), "", past.ordinary
            )
        kept = tuple(
            Found(found.severity, None if found.corrected_on and found.corrected_on >= until else found.corrected_on)
            for found in past.findings
        )
        return Past(past.visited_on, past.due_on, kept, past.band, past.ordinary)

    other = {facility: [otherwise(past) for past in visits] for facility, visits in histories.items()}

    def decided(record):
        done = simulate(work(record, **PERIOD), by_points_known(record, WEIGHTS), per_week, PERIOD["from_on"])
        return {(job.facility, job.place): day for job, day in done.items() if day <= until}

    assert decided(histories) == decided(other)


def test_without_weights_both_orders_are_one():
    record = {
        f"F{number}": [
            Past(date(2020, 1, 1 + number), date(2021, 1, 1)),
            Past(date(2021, 2, 1), date(2022, 1, 1), (Found(4),)),
        ]
        for number in range(9)
    }
    assert replay(record, {}, from_on=date(2021, 1, 1), until_on=date(2021, 12, 31)).mean_days_earlier == 0


def test_where_open_harm_foretells_harm_it_is_met_earlier():
    def past(day, *severities):
        return Past(day, add_months(day, 12), tuple(Found(severity) for severity in severities))

    record = {f"calm{number}": [past(date(2020, 1, 1)), past(date(2021, 2, 1))] for number in range(8)}
    record["trouble"] = [past(date(2020, 1, 9), 4), past(date(2021, 2, 1), 4)]
    found = replay(record, WEIGHTS, from_on=date(2021, 1, 1), until_on=date(2021, 12, 31), per_week=1)
    assert found.mean_days_earlier == found.best_possible == 56
    assert (found.first_half_by_due, found.first_half_by_points) == (0, 1)


def the_american_record():
    if not REAL.is_file():
        pytest.skip(f"{REAL} is not here: the real record is not part of the repository")
    found = {}
    with REAL.open(newline="") as file:
        for row in csv.DictReader(file):
            findings, complaints = found.setdefault((row["ccn"], date.fromisoformat(row["survey_date"])), ([], []))
            mended = row["corrected"] == "True" and row["correction_date"]
            severity = GRID.index(row["scope_severity"]) // 3 + 1
            findings.append(Found(severity, date.fromisoformat(mended) if mended else None))
            complaints.append(row["is_complaint"] == "True")
    record = {}
    for (facility, day), (findings, complaints) in found.items():
        past = Past(day, add_months(day, 15), tuple(findings), ordinary=not all(complaints))
        record.setdefault(facility, []).append(past)
    return record


def test_on_a_real_record_points_meet_the_mean_serious_finding_earlier():
    """961 surveys of 193 nursing homes: the measured numbers of docs/order-of-work.md."""
    found = replay(the_american_record(), WEIGHTS, from_on=date(2021, 1, 1), until_on=date(2025, 12, 31))
    assert (found.visits, found.findings, found.per_week) == (346, 126, 2)
    assert round(found.mean_days_earlier, 1) == 26.0
    assert round(found.best_possible, 1) == 70.0
    assert (round(found.first_half_by_due, 3), round(found.first_half_by_points, 3)) == (0.619, 0.619)


def test_the_due_list_has_the_overdue_first_then_the_troubled_then_the_longest_due(model, troubled, client):
    today = timezone.localdate()
    soon, late, later = (a_facility() for _ in range(3))
    for facility, due_on in ((soon, today + 3 * DAY), (late, today - 9 * DAY), (later, today - 5 * DAY)):
        an_approved_visit(facility, visited_on=today - 200 * DAY, next_due_on=due_on)
    Finding.objects.bulk_create(a_finding_of(soon) for _ in range(9))
    client.force_login(a_user(Role.APPROVER))
    listed = client.get(reverse("visit-due")).context["rows"]
    assert [row[0].value for row in listed] == [troubled, late, later, soon]


def test_the_command_reads_the_register_and_changes_nothing(model):
    facility = a_facility()
    for years, severity in ((3, 4), (2, 4), (1, 3)):
        visit = an_approved_visit(
            facility, visited_on=TODAY - years * 365 * DAY, next_due_on=TODAY - (years - 1) * 365 * DAY
        )
        a_finding(visit, severity)
    a_ruleset()
    assert [len(visits) for visits in histories(None, TODAY).values()] == [3]
    out = StringIO()
    call_command("replay_order", from_on=date(2020, 1, 1), until_on=TODAY, stdout=out)
    assert "2 visits, 1 a week, 2 serious findings" in out.getvalue()
