"""Suspensions, authorisations and conditions in the sweep: each day beside the day before."""

from datetime import date, timedelta

import pytest

from enforcement import sweeps
from enforcement.models import ComplianceClock, Flag
from licensing.states import LicenceState
from registry.models import FacilityService
from tests import factories

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)
JUNE, JULY, AUGUST = date(2026, 6, 1), date(2026, 7, 1), date(2026, 8, 1)


@pytest.fixture
def facility():
    facility = factories.a_facility()
    factories.an_approved_visit(facility, visited_on=FIRST, next_due_on=date(2027, 12, 31))
    return facility


def asked_for(day: date) -> set[str]:
    return {flag.rule for flag in sweeps.would_flag(as_of=day)}


def walk(until: date = date(2027, 1, 31)) -> list[tuple[date, set[str]]]:
    """Sweep from threshold to threshold, as the clock promises; the days on which the open flags changed."""
    day, found, course = FIRST, None, []
    while day <= until:
        sweeps.sweep(as_of=day, started_by="test")
        rules = set(Flag.objects.open().values_list("rule", flat=True))
        if rules != found:
            course.append((day, rules))
            found = rules
        following = ComplianceClock.objects.get().next_change_on
        if following is None:
            break
        assert following > day
        day = following
    return course


def declare(facility, code: str, **fields) -> None:
    service = factories.a_service(code)
    FacilityService.objects.create(facility=facility, service=service, **({"declared_on": FIRST} | fields))


def test_a_suspended_licence_is_none_from_the_first_day_until_the_day_it_is_reinstated(facility):
    licence = factories.a_licence(facility, valid_from=FIRST, valid_until=LAST)
    factories.a_suspension(licence, from_on=JUNE, ends_on=JULY)
    assert walk() == [
        (FIRST, set()),
        (JUNE, {"operating_without_licence"}),
        (JULY, set()),
        (LAST + DAY, {"licence_expired"}),
    ]


def test_a_licence_that_runs_out_while_suspended_is_an_expired_one(facility):
    factories.a_licence(
        facility, valid_from=FIRST, valid_until=LAST, state=LicenceState.SUSPENDED, suspended_from=AUGUST
    )
    without, expired = {"operating_without_licence"}, {"licence_expired"}
    assert walk() == [(FIRST, set()), (AUGUST, without), (LAST + DAY, expired)]


def test_a_service_needs_an_authorisation_from_the_day_it_is_declared_to_the_day_it_is_withdrawn(facility):
    factories.a_licence(facility, valid_from=FIRST, valid_until=LAST)
    declare(facility, "surgery", declared_on=JUNE, withdrawn_on=JULY)
    without = {"service_without_authorisation"}
    assert walk(AUGUST) == [(FIRST, set()), (JUNE, without), (JULY, set())]
    assert Flag.objects.get().facts == {"services": ["surgery"]}
    assert Flag.objects.get().since_on == JUNE


def test_what_the_last_visit_found_counts_like_what_was_declared(facility):
    factories.a_licence(facility, valid_from=FIRST, valid_until=LAST)
    factories.a_service("dressing", needs_authorisation=False)
    factories.a_service()
    for day, found in ((JUNE, ["dressing", "surgery"]), (JULY, ["dressing"])):
        factories.an_approved_visit(facility, visited_on=day, next_due_on=LAST + 400 * DAY, services=found)
    assert [asked_for(day) for day in (JUNE - DAY, JUNE, JULY - DAY, JULY)] == [
        set(),
        {"service_without_authorisation"},
        {"service_without_authorisation"},
        set(),
    ]


def test_an_authorisation_holds_until_the_latest_ends_and_not_while_it_is_suspended(facility):
    factories.a_licence(facility, valid_from=FIRST, valid_until=LAST)
    declare(facility, "surgery")
    first = factories.an_authorisation(facility, valid_from=FIRST, valid_until=JUNE - DAY)
    second = factories.an_authorisation(facility, valid_from=JUNE, valid_until=AUGUST)
    factories.a_suspension(second, from_on=JULY, ends_on=JULY + 9 * DAY)
    without = {"service_without_authorisation"}
    assert walk(AUGUST + DAY) == [
        (FIRST, set()),
        (JULY, without),
        (JULY + 9 * DAY, set()),
        (AUGUST + DAY, without),
    ]
    assert first.pk


def test_of_several_services_the_flag_names_those_that_lack_and_the_clock_knows_the_next_day(facility):
    factories.a_licence(facility, valid_from=FIRST, valid_until=LAST)
    for code, until in (("surgery", JULY), ("dialysis", JUNE), ("delivery", AUGUST)):
        declare(facility, code)
        factories.an_authorisation(facility, valid_from=FIRST, valid_until=until, service=factories.a_service(code))
    declare(facility, "robotics")
    sweeps.sweep(as_of=FIRST, started_by="test")
    clock = ComplianceClock.objects.get()
    assert (clock.unauthorised_services, clock.next_change_on) == (["robotics"], JUNE + DAY)
    sweeps.sweep(as_of=JUNE + DAY, started_by="test")
    clock = ComplianceClock.objects.get()
    assert (clock.unauthorised_services, clock.next_change_on) == (["dialysis", "robotics"], JULY + DAY)


def test_a_place_that_needs_no_licence_needs_no_authorisation():
    public = factories.a_facility(type=factories.a_facility_type("health_centre", licence_needed=False))
    declare(public, "surgery")
    assert asked_for(JUNE) == {"never_inspected"}


def test_a_condition_is_overdue_the_day_after_and_no_longer_once_it_is_met(facility):
    licence = factories.a_licence(facility, valid_from=FIRST, valid_until=LAST)
    factories.a_condition(licence, due_on=None, imposed_at=factories.NOW.replace(month=1))
    factories.a_condition(
        licence,
        due_on=JUNE,
        imposed_at=factories.NOW.replace(month=1),
        state="met",
        closed_at=factories.NOW.replace(month=7, day=1),
        evidence="Seen",
    )
    overdue = {"condition_overdue"}
    assert walk(AUGUST) == [(FIRST, set()), (JUNE + DAY, overdue), (JULY, set())]
    assert Flag.objects.get().since_on == JUNE + DAY


def test_with_the_authorisation_ends_what_it_was_tied_to(facility):
    factories.a_licence(facility, valid_from=FIRST, valid_until=LAST)
    authorisation = factories.an_authorisation(
        facility, valid_from=FIRST, valid_until=LAST, state=LicenceState.REVOKED, ended_on=AUGUST
    )
    factories.a_condition(authorisation, due_on=JULY, imposed_at=factories.NOW.replace(month=1))
    overdue = {"condition_overdue"}
    assert walk(LAST) == [(FIRST, set()), (JULY + DAY, overdue), (AUGUST, set())]
