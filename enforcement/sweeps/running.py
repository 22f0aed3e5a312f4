"""The sweep that writes: it begins a run, works batch by batch, escalates and closes the run."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

from django.db import connection, transaction
from django.db.models.functions import Now

from enforcement.models import SweepRun
from enforcement.rules import RULES, Rule
from enforcement.states import SweepState
from enforcement.sweeps.report import RuleCount, SweepReport
from enforcement.sweeps.statements import (
    ESCALATE,
    LOCK_ALL,
    LOCK_DUE,
    MARK_ALL,
    MARK_DIFFERENT,
    OPEN,
    TICK,
    chosen,
    wanted,
)

BATCH = 10_000
ADVISORY_LOCK = 2023_03_08


def sweep(*, as_of: date, started_by: str, rules: Sequence[str] = (), full: bool = False) -> SweepReport:
    """Raise, clear and escalate flags as of `as_of`; with `rules`, those rules only.

    Looks at facilities whose facts changed or whose next threshold has come; `full` first compares every clock row
    with what the rules say of it today. For a day before that of the last sweep every facility is looked at again.
    """
    asked = chosen(rules)
    with alone():
        with transaction.atomic():
            run = begin(as_of=as_of, started_by=started_by, rules=asked)
            prepare(run, full=full)
        report = SweepReport(as_of=as_of, counts={rule.code: RuleCount() for rule in asked}, run=run)
        try:
            for facilities in batches(run, asked, report):
                report.facilities += facilities
            finish(run, asked, report)
        except Exception as failure:
            SweepRun.objects.filter(pk=run.pk).update(
                state=SweepState.FAILED, finished_at=Now(), failure=str(failure)[:2000]
            )
            raise
    run.refresh_from_db()
    return report


def sweep_unless_done(*, as_of: date, started_by: str) -> SweepReport | None:
    """The scheduled sweep; None where one of that day or a later one is complete (two beats, a clock set back)."""
    with alone():
        if SweepRun.objects.completed().of_all_rules().filter(as_of__gte=as_of).exists():
            return None
        return sweep(as_of=as_of, started_by=started_by)


@contextmanager
def alone() -> Iterator[None]:
    """One sweep at a time; a second one waits, then finds nothing to do. May be entered again by its holder."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [ADVISORY_LOCK])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [ADVISORY_LOCK])


def begin(*, as_of: date, started_by: str, rules: Sequence[Rule]) -> SweepRun:
    # Whoever holds the lock is the only sweep alive: a run still marked as running was killed.
    SweepRun.objects.filter(state=SweepState.RUNNING).update(state=SweepState.INTERRUPTED, finished_at=Now())
    return SweepRun.objects.create(
        as_of=as_of,
        started_by=started_by,
        rules=[rule.code for rule in rules],
        partial=len(rules) < len(RULES),
        started_at=Now(),
    )


def prepare(run: SweepRun, *, full: bool) -> None:
    """Mark what must be looked at though nothing marked it: all of it when going back in time."""
    before = SweepRun.objects.of_all_rules().exclude(pk=run.pk).order_by("-started_at").first()
    with connection.cursor() as cursor:
        if before is not None and before.as_of > run.as_of:
            cursor.execute(MARK_ALL)
        elif full:
            cursor.execute(MARK_DIFFERENT, {"as_of": run.as_of})
        cursor.execute(
            "SELECT count(*) FROM enforcement_complianceclock WHERE %(partial)s OR next_change_on <= %(as_of)s",
            {"as_of": run.as_of, "partial": run.partial},
        )
        run.facilities_total = cursor.fetchone()[0]
    run.save(update_fields=["facilities_total"])


def batches(run: SweepRun, rules: Sequence[Rule], report: SweepReport) -> Iterator[int]:
    """Work through the facilities, one committed batch after the other; yields the size of each."""
    bits = ", ".join(f"('{rule.code}', {rule.bit})" for rule in rules)
    tick = TICK.format(bits=bits, wanted=wanted(rules))
    after = 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(LOCK_ALL if run.partial else LOCK_DUE, {"as_of": run.as_of, "after": after, "size": BATCH})
            # Locked first, read in the next statement: a fact committed in between is then seen, not lost.
            ids = [row[0] for row in cursor.fetchall()]
            if not ids:
                return
            after = max(ids)
            values: dict[str, Any] = {"as_of": run.as_of, "ids": ids, "run": run.pk, "partial": run.partial}
            cursor.execute(tick, values)
            for code, raised, cleared in cursor.fetchall():
                report.counts[code].raised += raised
                report.counts[code].cleared += cleared
            SweepRun.objects.filter(pk=run.pk).update(facilities_done=report.facilities + len(ids))
        yield len(ids)


def finish(run: SweepRun, rules: Sequence[Rule], report: SweepReport) -> None:
    """Escalate what has been open too long, count what is open, close the run."""
    ladders = ", ".join(f"('{r.code}', {r.escalates_after[0]}, {r.escalates_after[1]})" for r in rules)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(ESCALATE.format(ladders=ladders), {"as_of": run.as_of})
        for (code,) in cursor.fetchall():
            report.counts[code].escalated += 1
        cursor.execute(OPEN, {"rules": [rule.code for rule in rules]})
        for code, number in cursor.fetchall():
            report.counts[code].open = number
        SweepRun.objects.filter(pk=run.pk).update(
            state=SweepState.COMPLETED,
            finished_at=Now(),
            facilities_done=report.facilities,
            counts={code: vars(count) for code, count in report.counts.items()},
        )
