"""The sweep rows: the gate first, then what it costs beside its limits and beside other ways to do the same."""

import gc
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from statistics import median

import psutil
from django.db import connection, connections, transaction
from django.db.models import Count, Exists, F, OuterRef, Q

from enforcement import sweeps
from enforcement.models import ComplianceClock, Flag, SweepRun
from enforcement.rules import RULES
from enforcement.sweeps.statements import MARK_ALL
from inspections.models import CorrectiveAction, Standing
from licensing.models import Condition, Licence, ServiceAuthorisation
from licensing.states import ONCE_IN_FORCE
from registry.models import Facility, FacilityService
from tests.benchmarks.fill import TODAY
from tests.benchmarks.result import Result

TOMORROW = TODAY + timedelta(days=1)
LOOP_SAMPLE = 400

REFERENCE = """
WITH last_visit AS (
    SELECT DISTINCT ON (facility_id) facility_id, visited_on, next_due_on, band FROM inspections_visit
    WHERE state = 'approved' AND outcome = 'completed' AND visited_on <= %(as_of)s
    ORDER BY facility_id, visited_on DESC, id DESC
), refusals AS (
    SELECT r.facility_id, count(*) AS number FROM inspections_visit r LEFT JOIN last_visit v USING (facility_id)
    WHERE r.outcome = 'refused' AND r.visited_on <= %(as_of)s AND (v.visited_on IS NULL OR r.visited_on > v.visited_on)
    GROUP BY r.facility_id
), overdue AS (
    SELECT DISTINCT facility_id FROM inspections_correctiveaction WHERE state = 'required' AND due_on < %(as_of)s
), last_licence AS (
    SELECT DISTINCT ON (facility_id) facility_id, last_day, ended_on, EXISTS (
        SELECT FROM licensing_suspension s WHERE s.licence_id = l.id AND s.from_on <= %(as_of)s
            AND (s.ends_on IS NULL OR s.ends_on > %(as_of)s) AND l.last_day >= %(as_of)s
    ) AS suspended
    FROM licensing_licence l
    WHERE state NOT IN ('recorded', 'rejected') AND valid_from <= %(as_of)s
    ORDER BY facility_id, last_day DESC
), unauthorised AS (
    SELECT DISTINCT d.facility_id FROM registry_facilityservice d
    WHERE NOT EXISTS (
        SELECT FROM licensing_serviceauthorisation a
        WHERE a.facility_id = d.facility_id AND a.service_id = d.service_id
            AND a.valid_from <= %(as_of)s AND a.last_day >= %(as_of)s
    )
), unmet AS (
    SELECT DISTINCT l.facility_id FROM licensing_condition c JOIN licensing_licence l ON l.id = c.licence_id
    WHERE c.state = 'open' AND c.due_on < %(as_of)s AND l.last_day >= %(as_of)s
), facts AS (
    SELECT f.id, t.licence_needed, v.visited_on, v.next_due_on, v.band, l.last_day, l.ended_on, l.suspended,
           r.number AS refused,
           o.facility_id IS NOT NULL AS overdue, u.facility_id IS NOT NULL AS unauthorised,
           c.facility_id IS NOT NULL AS unmet
    FROM registry_facility f
    JOIN registry_facilitytype t ON t.id = f.type_id
    JOIN registry_operationalstatuschange s ON s.facility_id = f.id AND s.status = 'operating'
    LEFT JOIN last_visit v ON v.facility_id = f.id
    LEFT JOIN last_licence l ON l.facility_id = f.id
    LEFT JOIN refusals r ON r.facility_id = f.id
    LEFT JOIN overdue o ON o.facility_id = f.id
    LEFT JOIN unauthorised u ON u.facility_id = f.id
    LEFT JOIN unmet c ON c.facility_id = f.id
)
SELECT 'never_inspected', id FROM facts WHERE visited_on IS NULL
UNION ALL SELECT 'inspection_overdue', id FROM facts WHERE next_due_on < %(as_of)s
UNION ALL SELECT 'band_non_compliant', id FROM facts WHERE band = 'non_compliant'
UNION ALL SELECT 'closure_proposed', id FROM facts WHERE band = 'non_compliant'
UNION ALL SELECT 'entry_refused_three_times', id FROM facts WHERE refused >= 3
UNION ALL SELECT 'corrective_action_overdue', id FROM facts WHERE overdue
UNION ALL SELECT 'operating_without_licence', id FROM facts
    WHERE licence_needed AND (last_day IS NULL OR suspended OR (last_day < %(as_of)s AND ended_on IS NOT NULL))
UNION ALL SELECT 'licence_expired', id FROM facts
    WHERE licence_needed AND last_day < %(as_of)s AND ended_on IS NULL
UNION ALL SELECT 'service_without_authorisation', id FROM facts WHERE licence_needed AND unauthorised
UNION ALL SELECT 'condition_overdue', id FROM facts WHERE unmet
"""
SCAN = (
    "SELECT count(beds), count(type_id) FROM registry_facility",
    "SELECT count(next_due_on), count(band) FROM inspections_standing",
    "SELECT count(last_day), count(state) FROM licensing_licence",
    "SELECT count(last_day), count(state) FROM licensing_serviceauthorisation",
    "SELECT count(due_on), count(state) FROM licensing_condition",
    "SELECT count(declared_on) FROM registry_facilityservice",
    "SELECT count(due_on), count(state) FROM inspections_correctiveaction",
    "SELECT count(status) FROM registry_operationalstatuschange",
    "SELECT count(cleared_on), count(rule) FROM enforcement_flag",
)


def seconds(work: Callable[[], object]) -> float:
    gc.collect()
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


@contextmanager
def undone() -> Iterator[None]:
    """What happens inside is rolled back, so that the same night can be swept again."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def sweep(as_of: date, *, full: bool = False) -> sweeps.SweepReport:
    return sweeps.sweep(as_of=as_of, started_by="benchmark", full=full)


def missing_and_extra(as_of: date) -> int:
    with connection.cursor() as cursor:
        cursor.execute(REFERENCE, {"as_of": as_of})
        wanted = set(cursor.fetchall())
    return len(wanted ^ set(Flag.objects.open().values_list("rule", "facility_id")))


def start_over() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM enforcement_flag")
        cursor.execute("DELETE FROM enforcement_sweeprun")
        cursor.execute(MARK_ALL)


def next_day_seconds() -> float:
    """The median of seven sweeps of tomorrow, each rolled back, after today was swept."""
    swept = SweepRun.objects.completed().filter(as_of=TODAY)
    if not swept.exists():
        start_over()
        sweep(TODAY)
        vacuum()
    return median(one_next_day() for _ in range(7))


def one_next_day() -> float:
    with undone():
        return seconds(lambda: sweep(TOMORROW))


def vacuum() -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def measure(facilities: int) -> Iterator[Result]:
    backend = psutil.Process(backend_pid())
    first = median(first_sweep() for _ in range(3))
    worker_mb = psutil.Process().memory_info().rss / 1e6
    backend_mb = private_mb(backend)
    yield Result("gate: flags missing or extra", missing_and_extra(TODAY), 0, True, "against a plain reference query")
    flags = Flag.objects.open().count()
    insert = median(insert_again() for _ in range(3))
    yield Result(
        "first sweep / INSERT … SELECT of the same flags",
        first / insert,
        8,
        True,
        f"{flags:,} flags, {first:.2f} s / {insert:.2f} s",
    )
    yield Result("memory of the worker, MB", worker_mb, 120, True, "resident, this process")
    yield Result("memory of the database backend, MB", backend_mb, 50, True, "private, after the first sweep")
    vacuum()
    pairs = [(full_check(), scan()) for _ in range(7)]
    yield Result(
        "full check with nothing due / scan of the base tables",
        median(a / b for a, b in pairs),
        2,
        True,
        f"{pairs[-1][0]:.3f} s / {pairs[-1][1]:.3f} s",
    )
    rounds = [(one_next_day(), orm_joins()) for _ in range(3)]
    nights = median(night for night, _ in rounds)
    yield Result(
        "set-based ORM joins / next-day sweep",
        median(orm / night for night, orm in rounds),
        10,
        False,
        f"{rounds[-1][1]:.2f} s / {nights:.3f} s",
    )
    loop = orm_loop() / LOOP_SAMPLE * facilities
    yield Result(
        "loop of ORM saves / next-day sweep",
        loop / nights,
        5000 * facilities / 1_000_000,
        False,
        f"{loop:,.0f} s extrapolated from {LOOP_SAMPLE} facilities; goal scaled to the size",
    )
    smaller = next_day_of(facilities // 10)
    larger = median(one_next_day() for _ in range(7))
    yield Result(
        f"next-day sweep, {facilities // 10:,} → {facilities:,}, same changes",
        larger / smaller,
        1.5,
        True,
        f"{larger:.3f} s / {smaller:.3f} s",
    )
    with undone():
        sweep(TOMORROW)
        yield Result("gate after the next day: flags missing or extra", missing_and_extra(TOMORROW), 0, True, "")


def backend_pid() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def private_mb(process: psutil.Process) -> float:
    """Memory that is the backend's own: without the shared buffers it touched."""
    memory = process.memory_full_info()
    return float(memory.uss) / 1e6


def insert_again() -> float:
    columns = "rule, facility_id, subject, severity, facts, since_on, raised_on, raised_by_id, level, escalates_on"
    with undone(), connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE again AS SELECT * FROM enforcement_flag WHERE cleared_on IS NULL")
        cursor.execute("DELETE FROM enforcement_flag")
        return seconds(lambda: cursor.execute(f"INSERT INTO enforcement_flag ({columns}) SELECT {columns} FROM again"))


def first_sweep() -> float:
    start_over()
    vacuum()
    return seconds(lambda: sweep(TODAY))


def full_check() -> float:
    return seconds(lambda: sweep(TODAY, full=True))


def scan() -> float:
    with connection.cursor() as cursor:
        return seconds(lambda: [cursor.execute(statement) for statement in SCAN])


def orm_joins() -> float:
    """The same by Django's ORM: a query a rule over the base tables, open flags compared in Python, bulk writes."""
    with undone():
        run = SweepRun.objects.create(as_of=TOMORROW, started_by="orm", started_at="2026-11-23T00:00Z")
        return seconds(lambda: orm_night(run))


def orm_night(run: SweepRun) -> None:
    licences = Licence.objects.filter(facility=OuterRef("pk"), state__in=ONCE_IN_FORCE, valid_from__lte=TOMORROW)
    operating = Facility.objects.filter(status_changes__status="operating")
    refused = Q(visits__outcome="refused") & (Q(standing=None) | Q(visits__visited_on__gt=F("standing__last_visit_on")))
    overdue = CorrectiveAction.objects.overdue(TOMORROW).filter(facility=OuterRef("pk"))
    unmet = Condition.objects.overdue(TOMORROW).filter(
        licence__facility=OuterRef("pk"), licence__last_day__gte=TOMORROW
    )
    held = ServiceAuthorisation.objects.in_force(TOMORROW).filter(
        facility=OuterRef("facility"), service=OuterRef("service")
    )
    offered = FacilityService.objects.filter(facility=OuterRef("pk"), service__needs_authorisation=True)
    suspended = licences.filter(suspended_from__lte=TOMORROW, last_day__gte=TOMORROW)
    licensed = operating.filter(type__licence_needed=True).annotate(
        suspended=Exists(suspended),
        covered=Exists(licences.filter(last_day__gte=TOMORROW)),
        ever=Exists(licences),
        ended=Exists(licences.filter(ended_on__isnull=False)),
    )
    wanted = {
        "never_inspected": operating.filter(standing=None),
        "inspection_overdue": operating.filter(standing__next_due_on__lt=TOMORROW),
        "band_non_compliant": operating.filter(standing__band="non_compliant"),
        "closure_proposed": operating.filter(standing__closure_proposed=True),
        "entry_refused_three_times": operating.alias(refused=Count("visits", filter=refused)).filter(refused__gte=3),
        "corrective_action_overdue": operating.filter(Exists(overdue)),
        "operating_without_licence": licensed.filter(Q(ever=False) | Q(suspended=True) | Q(covered=False, ended=True)),
        "service_without_authorisation": licensed.filter(Exists(offered.filter(~Exists(held)))),
        "condition_overdue": operating.filter(Exists(unmet)),
        "licence_expired": licensed.filter(covered=False, ever=True, ended=False),
    }
    for rule in RULES:
        should = set(wanted[rule.code].values_list("pk", flat=True))
        are = dict(Flag.objects.open().filter(rule=rule.code).values_list("facility_id", "pk"))
        Flag.objects.bulk_create(
            [
                Flag(rule=rule.code, facility_id=pk, severity=rule.severity, raised_on=TOMORROW, raised_by=run)
                for pk in should - are.keys()
            ],
            batch_size=5000,
        )
        gone = [pk for facility, pk in are.items() if facility not in should]
        Flag.objects.filter(pk__in=gone).update(cleared_on=TOMORROW, cleared_by=run)


def orm_loop() -> float:
    """One facility after the other with get_or_create, as it is often written: the time for LOOP_SAMPLE of them."""
    with undone():
        run = SweepRun.objects.create(as_of=TOMORROW, started_by="loop", started_at="2026-11-23T00:00Z")
        return seconds(lambda: loop_night(run))


def loop_night(run: SweepRun) -> None:
    for facility in Facility.objects.order_by("pk")[:LOOP_SAMPLE]:
        standing = Standing.objects.filter(facility=facility).first()
        licence = Licence.objects.filter(facility=facility, valid_from__lte=TOMORROW).order_by("-last_day").first()
        operating = facility.status_changes.filter(status="operating").exists()
        needed = operating and facility.type.licence_needed
        lapsed = licence if needed and licence is not None and licence.last_day < TOMORROW else None
        held = {
            "never_inspected": operating and standing is None,
            "inspection_overdue": operating and standing is not None and standing.next_due_on < TOMORROW,
            "band_non_compliant": operating and standing is not None and standing.band == "non_compliant",
            "operating_without_licence": (
                needed and (licence is None or not licence.holds(TOMORROW)) and lapsed is None
            )
            or (lapsed is not None and lapsed.ended_on is not None),
            "licence_expired": lapsed is not None and lapsed.ended_on is None,
            "closure_proposed": operating and standing is not None and standing.closure_proposed,
            "entry_refused_three_times": operating and refused_visits(facility, standing) >= 3,
            "service_without_authorisation": needed and offers_without_authorisation(facility),
            "condition_overdue": operating and is_bound_too_late(facility),
            "corrective_action_overdue": operating
            and facility.corrective_actions.filter(state="required", due_on__lt=TOMORROW).exists(),
        }
        for rule in RULES:
            flag = Flag.objects.open().filter(rule=rule.code, facility=facility).first()
            if held[rule.code] and flag is None:
                Flag.objects.create(
                    rule=rule.code, facility=facility, severity=rule.severity, raised_on=TOMORROW, raised_by=run
                )
            elif flag is not None and not held[rule.code]:
                flag.cleared_on, flag.cleared_by = TOMORROW, run
                flag.save()
        ComplianceClock.objects.filter(facility=facility).update(next_change_on=None)


def offers_without_authorisation(facility: Facility) -> bool:
    held = ServiceAuthorisation.objects.in_force(TOMORROW).filter(facility=facility).values("service")
    offered = facility.declared_services.filter(withdrawn_on=None, service__needs_authorisation=True)
    return offered.exclude(service__in=held).exists()


def is_bound_too_late(facility: Facility) -> bool:
    unmet = Condition.objects.overdue(TOMORROW).filter(licence__facility=facility)
    return unmet.filter(licence__last_day__gte=TOMORROW).exists()


def refused_visits(facility: Facility, standing: Standing | None) -> int:
    refused = facility.visits.filter(state="approved", outcome="refused", visited_on__lte=TOMORROW)
    return refused.filter(visited_on__gt=standing.last_visit_on).count() if standing else refused.count()


def next_day_of(facilities: int) -> float:
    """The same measurement in a register of another size, in a process of its own."""
    command = [sys.executable, "-m", "tests.benchmarks", str(facilities), "next-day"]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return float(said.rsplit("next-day sweep:", 1)[1])
