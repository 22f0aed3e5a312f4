"""What machines that watch the register are told."""

from datetime import timedelta

import pytest
from django.db import OperationalError

from enforcement.models import SweepRun
from enforcement.sweeps import sweep
from portal.reports import health
from tests.factories import NOW, TODAY

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def swept(time_machine):
    time_machine.move_to(NOW, tick=False)
    sweep(as_of=TODAY, started_by="test")
    SweepRun.objects.update(finished_at=NOW)  # the database has a clock of its own


def test_all_is_well_after_a_sweep_and_anybody_may_know(client, swept, time_machine):
    time_machine.move_to(NOW + 12 * HOUR, tick=False)
    response = client.get("/healthz")
    assert response.status_code == 200
    told = response.json()
    assert told.keys() == {"status", "database", "broker", "last_sweep", "letters_overdue_minutes"}
    assert (told["status"], told["database"], told["broker"]) == ("ok", "ok", "ok")
    assert (told["last_sweep"]["as_of"], told["last_sweep"]["age_hours"]) == (TODAY.isoformat(), 12.0)


@pytest.mark.parametrize(("hours", "status"), [(36, "ok"), (37, "degraded")])
def test_a_missed_sweep_degrades_the_register_and_does_not_take_it_away(client, swept, time_machine, hours, status):
    time_machine.move_to(NOW + hours * HOUR, tick=False)
    response = client.get("/healthz")
    assert (response.status_code, response.json()["status"]) == (200, status)


def test_a_register_that_was_never_swept_is_degraded(client):
    response = client.get("/healthz")
    assert (response.status_code, response.json()["last_sweep"]) == (200, None)
    assert response.json()["status"] == "degraded"


def test_without_a_broker_it_is_down(client, swept, settings):
    settings.CELERY_BROKER_URL = "redis://:secret@127.0.0.1:1/0"
    response = client.get("/healthz")
    assert (response.status_code, response.json()["broker"]) == (503, "down")
    assert "secret" not in response.content.decode()


def test_without_a_database_it_is_down(client, monkeypatch):
    def unreachable() -> None:
        raise OperationalError("connection refused: password=secret")

    monkeypatch.setattr(health, "last_sweep", unreachable)
    response = client.get("/healthz")
    assert (response.status_code, response.json()["database"]) == (503, "down")
    assert "secret" not in response.content.decode()


def test_it_answers_without_tls_too(client, swept, settings):
    settings.SECURE_SSL_REDIRECT = True
    assert client.get("/healthz").status_code == 200
    assert client.get("/login/").status_code == 301


def test_it_answers_read_requests_only(client):
    assert client.post("/healthz").status_code == 405
