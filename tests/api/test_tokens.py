"""A person's token opens the API and nothing else, and is nowhere to be read."""

import io
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from redis import ConnectionError as NoConnection
from rest_framework.authtoken.models import Token
from rest_framework.throttling import SimpleRateThrottle

from registry.accounts.actions import api_tokens
from registry.accounts.models import User
from registry.accounts.states import Role
from registry.audit.models import AuditEvent
from registry.core.errors import NotPermitted, Refused
from tests.factories import NOW, a_user

pytestmark = pytest.mark.django_db
ADDRESS = "/api/v1/services/"


@pytest.fixture
def auditor() -> User:
    return a_user(Role.AUDITOR)


def status(client: Client, token: str) -> int:
    return client.get(ADDRESS, headers={"authorization": f"Bearer {token}"}).status_code


def test_a_token_opens_the_api_until_another_takes_its_place(client: Client, auditor: User) -> None:
    first = api_tokens.create(user=auditor, by=auditor, at=NOW)
    assert status(client, first) == 200
    second = api_tokens.create(user=auditor, by=auditor, at=NOW + timedelta(days=1))
    assert (status(client, first), status(client, second)) == (401, 200)
    assert client.get(reverse("password-change"), headers={"authorization": f"Bearer {second}"}).status_code == 302
    api_tokens.revoke(user=auditor, by=auditor, at=NOW)
    assert status(client, second) == 401
    verbs = list(AuditEvent.objects.order_by("id").values_list("verb", "by_username"))
    by = auditor.username
    assert verbs == [("api_token.created", by), ("api_token.created", by), ("api_token.revoked", by)]


def test_the_token_itself_is_kept_nowhere(auditor: User) -> None:
    token = api_tokens.create(user=auditor, by=auditor, at=NOW)
    assert token not in str(Token.objects.values()) + str(AuditEvent.objects.values())


def test_what_is_kept_of_a_token_opens_nothing(client: Client, auditor: User) -> None:
    api_tokens.create(user=auditor, by=auditor, at=NOW)
    assert status(client, Token.objects.get(user=auditor).key) == 401


def test_a_wrong_token_is_told_so_with_a_problem(client: Client) -> None:
    answer = client.get(ADDRESS, headers={"authorization": "Bearer wrong"})
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "authentication_failed"


def test_a_closed_account_has_no_token(client: Client, auditor: User) -> None:
    token = api_tokens.create(user=auditor, by=auditor, at=NOW)
    User.objects.filter(pk=auditor.pk).update(is_active=False)
    assert status(client, token) == 401
    with pytest.raises(Refused, match="closed"):
        api_tokens.create(user=auditor, by=None, at=NOW)


def test_nobody_manages_the_token_of_another(auditor: User) -> None:
    api_tokens.create(user=auditor, by=None, at=NOW)
    administrator = a_user(Role.ADMINISTRATOR)
    for act in (api_tokens.create, api_tokens.revoke):
        with pytest.raises(NotPermitted):
            act(user=auditor, by=administrator, at=NOW)


def test_there_must_be_a_token_to_revoke(auditor: User) -> None:
    with pytest.raises(Refused, match="no token"):
        api_tokens.revoke(user=auditor, by=auditor, at=NOW)


def test_the_page_shows_a_new_token_once(client: Client, auditor: User) -> None:
    address = reverse("api-token")
    assert client.get(address).status_code == 302
    client.force_login(auditor)
    assert b'id="token"' not in client.get(address).content
    shown = client.post(address)
    token = shown.content.decode().split('<code id="token">')[1].split("<")[0]
    assert "no-store" in shown["Cache-Control"]
    assert token not in client.get(address).content.decode()
    assert status(Client(), token) == 200
    assert client.post(address, {"revoke": "yes"}).status_code == 302
    assert status(Client(), token) == 401


def test_the_command_prints_a_token(client: Client, auditor: User) -> None:
    out = io.StringIO()
    call_command("create_api_token", auditor.username, stdout=out)
    assert status(client, out.getvalue().strip()) == 200
    assert AuditEvent.objects.get().by_username == ""
    with pytest.raises(CommandError, match="nobody-here"):
        call_command("create_api_token", "nobody-here")


@pytest.fixture
def three_a_minute(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(SimpleRateThrottle, "THROTTLE_RATES", {"user": "3/min"})
    cache.clear()
    yield
    cache.clear()


@pytest.mark.usefixtures("three_a_minute")
def test_who_asks_too_often_waits_and_others_do_not(client: Client, auditor: User) -> None:
    client.force_login(auditor)
    answers = [client.get(ADDRESS) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert 0 < int(answers[-1]["Retry-After"]) <= 60
    assert answers[-1].json()["code"] == "throttled"
    client.force_login(a_user(Role.AUDITOR))
    assert client.get(ADDRESS).status_code == 200


@pytest.mark.usefixtures("three_a_minute")
def test_without_the_cache_the_api_answers(client: Client, auditor: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise NoConnection

    monkeypatch.setattr(SimpleRateThrottle.cache, "get", refuse)
    client.force_login(auditor)
    assert [client.get(ADDRESS).status_code for _ in range(5)] == [200] * 5
