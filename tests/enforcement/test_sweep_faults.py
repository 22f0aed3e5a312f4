"""Sweeps in processes of their own: two at once, and one killed in the middle."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from datetime import date

import pytest
from django.conf import settings
from django.db import connection

from enforcement import sweeps
from enforcement.models import Flag, SweepRun
from enforcement.states import SweepState
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)
AS_OF = date(2026, 11, 22)
SWEEP = """
    import django, sys
    from django.conf import settings
    from portal import settings as _read
    settings.DATABASES["default"]["NAME"] = {name!r}
    django.setup()
    from datetime import date
    from enforcement import sweeps
    from enforcement.sweeps import running
    running.BATCH = 10
    {between}
    sweeps.sweep(as_of=date({as_of.year}, {as_of.month}, {as_of.day}), started_by="process")
"""
STOP_AFTER_TWO_BATCHES = """
    import time
    whole = running.batches
    def slowly(*arguments):
        for number, done in enumerate(whole(*arguments)):
            yield done
            if number == 1:
                print("half-way", flush=True)
                time.sleep(60)
    running.batches = slowly
"""


def start(between: str = "") -> subprocess.Popen[str]:
    script = textwrap.dedent(SWEEP).format(
        name=connection.settings_dict["NAME"], as_of=AS_OF, between=textwrap.dedent(between).strip()
    )
    return subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=settings.BASE_DIR,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "portal.settings"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def expected() -> set[tuple[str, str]]:
    for number in range(60):
        facility = factories.a_facility()
        if number % 3:
            factories.an_approved_visit(
                facility, visited_on=date(2025, 1, 1), next_due_on=date(2026 + number % 2, 1, 1)
            )
    return {(flag.rule, flag.facility_number) for flag in sweeps.would_flag(as_of=AS_OF)}


def open_flags() -> list[tuple[str, str]]:
    return sorted(Flag.objects.open().values_list("rule", "facility__number"))


def test_two_sweeps_at_once_raise_every_flag_once(expected):
    both = [start(), start()]
    for process in both:
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors
    assert open_flags() == sorted(expected)
    assert Flag.objects.count() == len(expected)


def test_a_sweep_killed_half_way_is_finished_by_the_next(expected):
    process = start(STOP_AFTER_TWO_BATCHES)
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "half-way"
    process.send_signal(signal.SIGKILL)
    process.wait(timeout=10)
    process.communicate()
    assert 0 < Flag.objects.count() < len(expected)
    wait_until_the_server_has_noticed()

    sweeps.sweep(as_of=AS_OF, started_by="test")

    assert open_flags() == sorted(expected)
    states = list(SweepRun.objects.order_by("started_at").values_list("state", flat=True))
    assert states == [SweepState.INTERRUPTED, SweepState.COMPLETED]


def wait_until_the_server_has_noticed() -> None:
    for _ in range(100):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_locks JOIN pg_database d ON d.oid = database"
                " WHERE locktype = 'advisory' AND datname = current_database()"
            )
            if cursor.fetchone()[0] == 0:
                return
        time.sleep(0.05)
    raise AssertionError("the lock of the killed sweep is still held")
