"""What is promised of every answer: reading changes nothing, the browser is told what to refuse, cookies are safe."""

import re
import runpy
from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import Client

from registry.accounts.models import User
from registry.accounts.states import Role
from tests.addresses import answers, filled, routes, signed_in, written_for_the_api
from tests.factories import PASSWORD
from tests.one_of_everything import a_small_register, parts_of_addresses

pytestmark = pytest.mark.django_db
NOT_THE_REGISTER = ("django_session",)
"""A session is kept by Django itself, whatever is read."""
OF_HTTPS = ("SESSION_", "CSRF_", "LANGUAGE_COOKIE", "SECURE_")


@pytest.fixture
def people(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return a_small_register()


def contents() -> dict[str, tuple[int, str]]:
    """How many rows each table has, and one sum over everything in them."""
    with connection.cursor() as cursor:
        tables = sorted(set(connection.introspection.table_names(cursor)) - {*NOT_THE_REGISTER})
        found = {}
        for table in tables:
            cursor.execute(f"SELECT count(*), md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {table} t")
            found[table] = cursor.fetchone()
    return found


def every_address() -> Iterator[str]:
    parts = parts_of_addresses()
    for route in routes():
        yield from filled(route, parts)
    yield from written_for_the_api()


def test_reading_everything_changes_nothing(people: dict[str, User]) -> None:
    clients = signed_in(people)
    before = contents()
    assert before["audit_event"][0]
    for address in every_address():
        for query in ({}, {"export": "csv"}):
            response = clients[people[Role.ADMINISTRATOR]].get(address, query)
            if response.streaming:
                b"".join(response)
            assert response.status_code < 500, address
    for _found in answers(clients, parts_of_addresses()):
        pass
    assert contents() == before


def test_every_answer_tells_the_browser_what_to_refuse(people: dict[str, User]) -> None:
    clients = signed_in(people)
    statuses = set()
    for address in [*every_address(), "/nowhere/", "/api/nowhere/"]:
        for reader in (people[Role.ADMINISTRATOR], None):
            response = clients[reader].get(address)
            policy = response["Content-Security-Policy"]
            assert re.search("default-src '(self|none)'", policy), address
            assert "frame-ancestors 'none'" in policy, address
            assert "unsafe" not in policy, address
            assert response["X-Content-Type-Options"] == "nosniff", address
            assert response["Referrer-Policy"] == "same-origin", address
            statuses.add(response.status_code)
    assert statuses >= {200, 302, 401, 403, 404, 405}


def test_what_a_person_reads_is_kept_by_nobody_on_the_way(people: dict[str, User]) -> None:
    for found in answers(signed_in(people), parts_of_addresses()):
        for answer in found:
            if answer.reader and answer.is_page:
                assert "Cookie" in answer.response["Vary"], answer.address


@pytest.fixture
def https(settings, monkeypatch) -> None:
    """The settings of a machine with TLS, which is what a machine has that says nothing about it."""
    monkeypatch.delenv("HTTPS", raising=False)
    monkeypatch.setenv("HTTPS", "True")
    for name, value in runpy.run_path(str(settings.BASE_DIR / "portal" / "settings.py")).items():
        if name.startswith(OF_HTTPS):
            setattr(settings, name, value)


def test_every_cookie_is_for_this_host_for_https_and_not_for_scripts(https: None, people: dict[str, User]) -> None:
    client = Client()
    client.get("/login/", secure=True)
    client.post("/i18n/setlang/", {"language": "en"}, secure=True)
    signed = {"username": people[Role.AUDITOR].username, "password": PASSWORD}
    assert client.post("/login/", signed, secure=True).status_code == 302
    assert {name.removeprefix("__Host-") for name in client.cookies} == {"csrf", "session", "django_language"}
    for name, cookie in client.cookies.items():
        assert cookie["secure"] and cookie["httponly"], name
        assert (cookie["samesite"], cookie["path"], cookie["domain"]) == ("Lax", "/", ""), name
        assert name.startswith("__Host-") or name == "django_language"


def test_without_https_there_is_only_the_way_to_https(https: None) -> None:
    answer = Client().get("/login/")
    assert (answer.status_code, answer["Location"]) == (301, "https://testserver/login/")
    answer = Client().get("/login/", secure=True)
    assert answer["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains; preload"
