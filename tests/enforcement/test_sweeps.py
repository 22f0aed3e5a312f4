"""The sweep against a plain reading of the rules, and against being run twice, late, backwards and by two at once."""

import random
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from enforcement import sweeps
from enforcement.models import ComplianceClock, Flag, SweepRun
from enforcement.rules import RULES
from enforcement.states import SweepState
from enforcement.sweeps import running
from inspections.models import Band, CorrectiveAction, Visit
from inspections.states import ActionState, BandCode, VisitOutcome, VisitState
from licensing.models import Condition, Licence
from licensing.states import ONCE_IN_FORCE, LicenceState
from registry.core.errors import Refused
from registry.models import Facility, FacilityService, OperationalStatusChange, Service
from registry.states import OperationalStatus
from tests import factories

pytestmark = pytest.mark.django_db
EPOCH = date(2024, 1, 1)


def day(offset: int) -> date:
    return EPOCH + timedelta(days=offset)


def midday(offset: int) -> datetime:
    return datetime.combine(day(offset), time(5), tzinfo=UTC)


def sweep(as_of: date, **options: Any) -> sweeps.SweepReport:
    return sweeps.sweep(as_of=as_of, started_by="test", **options)


def open_flags() -> set[tuple[str, str]]:
    return set(Flag.objects.open().values_list("rule", "facility__number"))


def plainly(as_of: date) -> set[tuple[str, str]]:
    """The rules, read one facility at a time from the base tables, without the clock and without SQL of the sweep."""
    flags: set[tuple[str, str]] = set()
    for facility in Facility.objects.select_related("type"):
        changes = [
            c
            for c in OperationalStatusChange.objects.filter(facility=facility)
            if c.effective_on is None or c.effective_on <= as_of
        ]
        if not changes:
            continue
        status = max(changes, key=lambda c: c.effective_on or date.min).status
        if status not in (OperationalStatus.OPERATING, OperationalStatus.SUSPECTED_UNLICENSED):
            continue
        flags |= {(rule, facility.number) for rule in plainly_of_visits(facility, as_of)}
        if facility.type.licence_needed or status == OperationalStatus.SUSPECTED_UNLICENSED:
            begun = [
                licence
                for licence in Licence.objects.filter(facility=facility, state__in=ONCE_IN_FORCE)
                if licence.valid_from <= as_of
            ]
            last_licence = max(begun, key=lambda licence: licence.valid_from, default=None)
            if last_licence is None or is_suspended(last_licence, as_of):
                flags.add(("operating_without_licence", facility.number))
            elif last_licence.last_day < as_of:
                rule = "operating_without_licence" if last_licence.ended_on else "licence_expired"
                flags.add((rule, facility.number))
            if not services_offered(facility, as_of) <= services_authorised(facility, as_of):
                flags.add(("service_without_authorisation", facility.number))
        conditions = [condition for condition in Condition.objects.all() if condition.grant.facility == facility]
        if any(is_overdue(condition, as_of) for condition in conditions):
            flags.add(("condition_overdue", facility.number))
    return flags


def is_suspended(grant: Any, as_of: date) -> bool:
    stands = [s.from_on <= as_of and (s.ends_on is None or as_of < s.ends_on) for s in grant.suspensions.all()]
    return grant.last_day >= as_of and any(stands)


def services_offered(facility: Facility, as_of: date) -> set[str]:
    declared = {
        declaration.service.code
        for declaration in facility.declared_services.select_related("service")
        if declaration.declared_on <= as_of and (declaration.withdrawn_on is None or as_of < declaration.withdrawn_on)
    }
    visits = [v for v in Visit.objects.counting().filter(facility=facility) if v.visited_on <= as_of]
    last = max(visits, key=lambda v: (v.visited_on, v.pk), default=None)
    found = set(last.services) if last else set()
    return (declared | found) & set(Service.objects.filter(needs_authorisation=True).values_list("code", flat=True))


def services_authorised(facility: Facility, as_of: date) -> set[str]:
    return {
        grant.service.code
        for grant in facility.service_authorisations.select_related("service")
        if grant.valid_from <= as_of <= grant.last_day and not is_suspended(grant, as_of)
    }


def is_overdue(condition: Condition, as_of: date) -> bool:
    closed_on = condition.closed_at.date() if condition.closed_at else date.max
    stands = condition.imposed_at.date() <= as_of < closed_on and as_of <= condition.grant.last_day
    return stands and condition.due_on is not None and condition.due_on < as_of


def plainly_of_visits(facility: Facility, as_of: date) -> set[str]:
    rules = set()
    visits = [v for v in Visit.objects.counting().filter(facility=facility) if v.visited_on <= as_of]
    if not visits:
        rules.add("never_inspected")
    else:
        last = max(visits, key=lambda v: (v.visited_on, v.pk))
        if last.next_due_on < as_of:
            rules.add("inspection_overdue")
        if last.band == BandCode.NON_COMPLIANT:
            rules.add("band_non_compliant")
        if closure_is_proposed(sorted(visits, key=lambda v: (v.visited_on, v.pk), reverse=True)):
            rules.add("closure_proposed")
    refused = Visit.objects.filter(facility=facility, state=VisitState.APPROVED, outcome=VisitOutcome.REFUSED)
    since = max((v.visited_on for v in visits), default=date.min)
    if sum(since < v.visited_on <= as_of for v in refused) >= 3:
        rules.add("entry_refused_three_times")
    for action in CorrectiveAction.objects.filter(facility=facility):
        closed_on = action.decided_at.date() if action.state in CLOSED and action.decided_at else date.max
        if action.opened_at.date() <= as_of < closed_on and action.due_on < as_of:
            rules.add("corrective_action_overdue")
    return rules


CLOSED = (ActionState.VERIFIED, ActionState.WITHDRAWN)


def closure_is_proposed(latest_first: list[Visit]) -> bool:
    bands = Band.objects.filter(ruleset=latest_first[0].ruleset)
    rank = {band.code: band.from_percent for band in bands}
    for band in bands.exclude(closure_at_visit=None):
        latest = latest_first[: band.closure_at_visit]
        if len(latest) == band.closure_at_visit and all(rank.get(v.band, 1000) <= band.from_percent for v in latest):
            return True
    return False


def a_random_history(seed: int) -> Facility:
    rng = random.Random(seed)
    facility = factories.a_facility(
        type=factories.a_facility_type("clinic" if rng.random() < 0.8 else "health_post", licence_needed=True)
        if rng.random() < 0.8
        else factories.a_facility_type("public", licence_needed=False),
        status=rng.choice(OperationalStatus.values),
        since=None if rng.random() < 0.6 else day(rng.randrange(200)),
    )
    for offset in rng.sample(range(200, 900), rng.randrange(3)):
        OperationalStatusChange.objects.create(
            facility=facility,
            status=rng.choice(OperationalStatus.values),
            effective_on=day(offset),
            reason="drawn",
            recorded_at=factories.NOW,
        )
    for offset in sorted(rng.sample(range(900), rng.randrange(4))):
        factories.an_approved_visit(
            facility,
            visited_on=day(offset),
            next_due_on=day(offset + rng.randrange(400)),
            band=rng.choice(BandCode.values),
            services=rng.sample(SERVICES, rng.randrange(3)),
        )
    for offset in rng.sample(range(900), rng.randrange(6)):
        factories.a_refused_visit(facility, visited_on=day(offset))
    for offset in rng.sample(range(900), rng.randrange(3)):
        closed = rng.choice([None, offset + rng.randrange(300)])
        factories.a_corrective_action(
            facility,
            due_on=day(offset + rng.randrange(200)),
            opened_at=midday(offset),
            state=ActionState.REQUIRED if closed is None else rng.choice(CLOSED),
            decided_at=None if closed is None else midday(closed),
        )
    start = 0
    for _ in range(rng.randrange(4)):
        start += rng.randrange(200)
        end = start + rng.randrange(1, 400)
        ended = rng.randrange(start + 1, end + 1) if rng.random() < 0.4 else None
        a_random_life(rng, factories.a_licence, facility, start, end, ended)
        start = (end if ended is None else ended - 1) + 1
    for code in rng.sample(SERVICES, rng.randrange(4)):
        service = factories.a_service(code, needs_authorisation=code != "dressing")
        if rng.random() < 0.7:
            declared = rng.randrange(600)
            withdrawn = None if rng.random() < 0.6 else day(declared + rng.randrange(300))
            FacilityService.objects.create(
                facility=facility, service=service, declared_on=day(declared), withdrawn_on=withdrawn
            )
        start = rng.randrange(300)
        for _ in range(rng.randrange(3)):
            end = start + rng.randrange(1, 300)
            ended = rng.randrange(start + 1, end + 1) if rng.random() < 0.3 else None
            a_random_life(rng, factories.an_authorisation, facility, start, end, ended, service=service)
            start = (end if ended is None else ended - 1) + 1 + rng.choice([0, 0, 50])
    return facility


SERVICES = ["surgery", "cosmetic_surgery", "dialysis", "dressing"]


def a_random_life(rng, grant_of, facility, start, end, ended, **fields) -> None:
    """A licence or an authorisation that may be suspended, expired and bound by conditions, as it may really be."""
    suspended = [] if ended or rng.random() < 0.5 else sorted(rng.sample(range(start, end + 1), min(3, end - start)))
    stands = len(suspended) % 2 == 1 and rng.random() < 0.7
    state = LicenceState.ISSUED if ended is None else rng.choice(["revoked", "surrendered"])
    if stands:
        fields |= {"suspended_from": day(suspended[-1])}
    elif ended is None and rng.random() < 0.3:
        state = LicenceState.EXPIRED
    grant = grant_of(
        facility,
        valid_from=day(start),
        valid_until=day(end),
        ended_on=None if ended is None else day(ended),
        state=LicenceState.SUSPENDED if stands else state,
        **fields,
    )
    for first, last in zip(suspended[::2], suspended[1::2], strict=False):
        factories.a_suspension(grant, from_on=day(first), ends_on=day(last))
    for offset in rng.sample(range(start, end + 1), min(end - start, rng.randrange(3))):
        closed = None if rng.random() < 0.5 else midday(offset + rng.randrange(200))
        factories.a_condition(
            grant,
            due_on=None if rng.random() < 0.2 else day(offset + rng.randrange(150)),
            imposed_at=midday(offset),
            **({"state": rng.choice(["met", "lifted"]), "closed_at": closed, "evidence": "Seen"} if closed else {}),
        )


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32), offsets=st.lists(st.integers(-10, 1300), min_size=1, max_size=4))
def test_the_open_flags_are_those_of_a_plain_reading_on_any_days_in_any_order(seed, offsets):
    with transaction.atomic():
        for number in range(4):
            a_random_history(seed + number)
        for offset in offsets:
            as_of = day(offset)
            expected = plainly(as_of)
            assert {(f.rule, f.facility_number) for f in sweeps.would_flag(as_of=as_of)} == expected
            promised = sweeps.dry_run(as_of=as_of)
            report = sweep(as_of)
            assert open_flags() == expected
            assert {code: vars(c) for code, c in promised.counts.items()} == {
                code: vars(c) for code, c in report.counts.items()
            }
            again = sweep(as_of)
            assert all(c.raised == c.cleared == c.escalated == 0 for c in again.counts.values())
            assert open_flags() == expected
        transaction.set_rollback(True)


def test_a_night_with_nothing_due_looks_at_nothing():
    factories.an_approved_visit(factories.a_facility(), visited_on=day(0), next_due_on=day(100))
    assert sweep(day(10)).facilities == 1
    assert sweep(day(11)).facilities == 0
    assert sweep(day(101)).facilities == 1


def test_the_due_day_itself_is_not_overdue():
    facility = factories.a_facility(type=factories.a_facility_type("public", licence_needed=False))
    factories.an_approved_visit(facility, visited_on=day(0), next_due_on=day(100))
    sweep(day(100))
    assert open_flags() == set()
    sweep(day(101))
    flag = Flag.objects.get()
    assert (flag.rule, flag.since_on, flag.raised_on) == ("inspection_overdue", day(101), day(101))
    assert flag.facts == {"last_visit_on": day(0).isoformat(), "due_on": day(100).isoformat()}


def test_the_second_of_two_licences_counts_when_the_first_has_run_out():
    facility = factories.a_facility()
    factories.a_licence(facility, valid_from=day(0), valid_until=day(99))
    factories.a_licence(facility, valid_from=day(200), valid_until=day(299))
    for as_of, flagged in ((50, False), (99, False), (100, True), (199, True), (200, False), (299, False), (300, True)):
        sweep(day(as_of))
        assert (("licence_expired", facility.number) in open_flags()) is flagged, as_of


def test_a_suspected_unlicensed_premises_is_flagged_whatever_its_type():
    facility = factories.a_facility(
        type=factories.a_facility_type("public", licence_needed=False), status=OperationalStatus.SUSPECTED_UNLICENSED
    )
    sweep(day(0))
    assert ("operating_without_licence", facility.number) in open_flags()


def test_an_open_flag_climbs_to_the_department_and_to_the_minister_and_stays_there():
    factories.a_facility(type=factories.a_facility_type("public", licence_needed=False))
    levels = []
    for offset in (0, 89, 90, 179, 180, 400):
        sweep(day(offset))
        levels.append(Flag.objects.get().level)
    assert levels == [0, 0, 1, 1, 2, 2]


def test_missed_nights_lead_to_the_same_level():
    factories.a_facility(type=factories.a_facility_type("public", licence_needed=False))
    sweep(day(0))
    assert sweep(day(400)).counts["never_inspected"].escalated == 1
    assert Flag.objects.get().level == 2


def test_a_flag_that_comes_back_is_a_new_flag():
    facility = factories.a_facility(type=factories.a_facility_type("public", licence_needed=False))
    factories.an_approved_visit(facility, visited_on=day(0), next_due_on=day(10))
    sweep(day(20))
    factories.an_approved_visit(facility, visited_on=day(21), next_due_on=day(50))
    sweep(day(22))
    sweep(day(60))
    history = Flag.objects.order_by("id").values_list("rule", "raised_on", "cleared_on")
    assert list(history) == [
        ("inspection_overdue", day(20), day(22)),
        ("inspection_overdue", day(60), None),
    ]


def test_one_rule_alone_leaves_the_other_flags_for_the_next_sweep_of_all():
    facility = factories.a_facility()
    report = sweep(day(0), rules=["never_inspected"])
    assert list(report.counts) == ["never_inspected"]
    assert open_flags() == {("never_inspected", facility.number)}
    sweep(day(0))
    assert ("operating_without_licence", facility.number) in open_flags()


def test_a_rule_that_does_not_exist_is_refused_by_name():
    with pytest.raises(Refused, match=r"“overdue”.*never_inspected"):
        sweep(day(0), rules=["overdue"])


def test_a_full_sweep_mends_a_clock_that_was_tampered_with():
    facility = factories.a_facility()
    sweep(day(0))
    ComplianceClock.objects.update(mask=0, next_change_on=None)
    assert sweep(day(1)).facilities == 0
    assert sweep(day(1), full=True).facilities == 1
    assert ComplianceClock.objects.get(facility=facility).mask != 0


def test_the_scheduled_sweep_is_done_once_a_day_and_never_goes_back():
    factories.a_facility()
    assert sweeps.sweep_unless_done(as_of=day(5), started_by="schedule") is not None
    assert sweeps.sweep_unless_done(as_of=day(5), started_by="schedule") is None
    assert sweeps.sweep_unless_done(as_of=day(4), started_by="schedule") is None
    assert sweeps.sweep_unless_done(as_of=day(6), started_by="schedule") is not None


def test_a_run_that_failed_says_why_and_the_next_one_does_its_work(monkeypatch):
    factories.a_facility()
    monkeypatch.setattr(running, "TICK", "SELECT broken")
    with pytest.raises(Exception, match="broken"), transaction.atomic():
        sweep(day(0))
    monkeypatch.undo()
    assert sweep(day(0)).counts["never_inspected"].raised == 1


def test_a_run_found_half_way_is_marked_as_interrupted():
    dead = SweepRun.objects.create(as_of=day(0), started_by="test", started_at=factories.NOW)
    sweep(day(0))
    dead.refresh_from_db()
    assert dead.state == SweepState.INTERRUPTED


def test_batches_together_do_what_one_would(monkeypatch):
    for seed in range(12):
        a_random_history(seed)
    monkeypatch.setattr(running, "BATCH", 5)
    report = sweep(day(450))
    assert report.facilities == 12
    assert open_flags() == plainly(day(450))


def test_the_database_refuses_a_second_open_flag():
    facility = factories.a_facility()
    sweep(day(0))
    with pytest.raises(IntegrityError, match="one_open_flag_per_rule_and_subject"), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO enforcement_flag (rule, facility_id, subject, severity, facts, raised_on, raised_by_id, level)"
            " SELECT rule, facility_id, subject, severity, facts, raised_on, raised_by_id, level"
            " FROM enforcement_flag WHERE facility_id = %s LIMIT 1",
            [facility.pk],
        )


def test_every_rule_has_a_bit_of_its_own_and_says_what_it_means():
    assert len({rule.bit for rule in RULES}) == len(RULES)
    assert all(rule.bit & (rule.bit - 1) == 0 for rule in RULES)
    assert all(str(rule.title) and str(rule.sentence) and str(rule.basis) for rule in RULES)
    assert all(a < b for a, b in (rule.escalates_after for rule in RULES))
