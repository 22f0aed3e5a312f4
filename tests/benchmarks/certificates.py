"""The certificate rows: what a paper costs, and how many strangers a second get their answer through the web server."""

import contextlib
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from statistics import median, quantiles
from tempfile import TemporaryDirectory

from django.conf import settings
from django.db.models import Q
from django.test import override_settings

from licensing.actions import certificates, signing_keys
from licensing.models import Certificate, Licence, ServiceAuthorisation
from licensing.policies.certificates import CERTIFIABLE
from licensing.reports.certificates import pdf
from licensing.states import LicenceState
from tests import factories
from tests.benchmarks.result import Result

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
TODAY = date(2026, 11, 22)
CERTIFICATES, SERVICES = 300, 3
PAPERS = 60
SECONDS, STRANGERS = 8, 6


def measure() -> Iterator[Result]:
    with TemporaryDirectory() as folder, override_settings(SIGNING_KEYS=folder):
        made = some_certificates()
    yield papers(made[:PAPERS])
    yield from pages([f"/verify/{certificate.serial}/" for certificate in made])


def some_certificates() -> list[Certificate]:
    """Of facilities with authorisations for three services; made once and kept."""
    kept = Certificate.objects.select_related("licence__type").order_by("pk")[:CERTIFICATES]
    if len(kept) == CERTIFICATES:
        return list(kept)
    signing_keys.ensure(by=None, at=NOW)
    services = [factories.a_service(f"bench-{number}") for number in range(SERVICES)]
    licences = Licence.objects.filter(Q(state__in=CERTIFIABLE), valid_from__lte=TODAY, last_day__gte=TODAY)
    for licence in licences.order_by("pk")[:CERTIFICATES]:
        ServiceAuthorisation.objects.bulk_create(
            ServiceAuthorisation(
                number=f"BENCH-{licence.pk}-{service.code}",
                facility_id=licence.facility_id,
                service=service,
                state=LicenceState.ISSUED,
                valid_from=TODAY,
                valid_until=date(2036, 1, 1),
                recorded_at=NOW,
                source="bench",
            )
            for service in services
        )
        certificates.issue(licence=licence, by=None, at=NOW)
    return list(Certificate.objects.select_related("licence__type").order_by("pk")[:CERTIFICATES])


def papers(made: list[Certificate]) -> Result:
    pdf(made[0], site="https://registry.example.kh")
    waits = []
    for certificate in made:
        start = time.perf_counter()
        pdf(certificate, site="https://registry.example.kh")
        waits.append((time.perf_counter() - start) * 1000)
    return Result(
        "certificate as PDF, median ms", median(waits), 50, True, f"slowest {max(waits):.0f} ms of {len(waits)}"
    )


def pages(paths: list[str]) -> Iterator[Result]:
    with served() as port:
        ask(port, paths, seconds=2)
        waits = ask(port, paths, seconds=SECONDS)
    how = (
        f"{len(waits):,} answers, {STRANGERS} at once, gunicorn with 2 workers of 4 threads, client on the same machine"
    )
    yield Result("verification page, requests a second", len(waits) / SECONDS, 300, False, how)
    yield Result("verification page, p99 ms", quantiles(waits, n=100)[-1], 100, True, f"median {median(waits):.1f} ms")


@contextlib.contextmanager
def served() -> Iterator[int]:
    """The web server as `make demo` starts it, which lets one address ask as often as it likes."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    command = [
        sys.executable, "-m", "gunicorn", "portal.wsgi", "--bind", f"127.0.0.1:{port}", "--worker-class", "gthread",
        "--workers", "2", "--threads", "4", "--no-control-socket", "--log-level", "warning",
    ]  # fmt: skip
    environment = os.environ | {"VERIFICATION_RATE": "1000000/min", "LOG_LEVEL": "WARNING"}
    process = subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment)
    try:
        deadline = time.monotonic() + 60
        while not _listens(port) and time.monotonic() < deadline:
            time.sleep(0.2)
        yield port
    finally:
        process.terminate()
        process.wait(30)


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def ask(port: int, paths: list[str], *, seconds: float) -> list[float]:
    """The waits, in milliseconds, of strangers who each ask again as soon as they have their answer."""
    until = time.monotonic() + seconds
    waits: list[float] = []
    strangers = [threading.Thread(target=_stranger, args=(port, paths[n:], until, waits)) for n in range(STRANGERS)]
    for stranger in strangers:
        stranger.start()
    for stranger in strangers:
        stranger.join()
    return waits


def _stranger(port: int, paths: list[str], until: float, waits: list[float]) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=30) as line:
        answers = line.makefile("rb")
        number = 0
        while time.monotonic() < until:
            path = paths[number % len(paths)]
            number += STRANGERS
            start = time.perf_counter()
            line.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: gzip\r\n\r\n".encode())
            status, length = answers.readline(), 0
            while (header := answers.readline()) != b"\r\n":
                name, _, value = header.partition(b":")
                length = int(value) if name.lower() == b"content-length" else length
            answers.read(length)
            waits.append((time.perf_counter() - start) * 1000)
            if b" 200 " not in status:
                raise RuntimeError(f"{path}: {status.decode()}")
