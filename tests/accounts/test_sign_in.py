"""Guessing passwords: who is shut out, who is not, for how long."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from tests.factories import NOW, PASSWORD, a_user

pytestmark = pytest.mark.django_db
HERE, ELSEWHERE = "203.0.113.7", "198.51.100.9"


def sign_in(username: str, password: str = PASSWORD, *, address: str = HERE) -> int:
    sent = {"username": username, "password": password}
    return Client().post("/login/", sent, REMOTE_ADDR=address, headers={"accept-language": "en"}).status_code


@pytest.fixture
def guessed(settings):
    """The name of somebody whose password was guessed at once too often."""
    user = a_user()
    with time_machine.travel(NOW, tick=False):
        answers = [sign_in(user.username, f"guess {number}") for number in range(settings.AXES_FAILURE_LIMIT)]
    assert answers == [200] * (settings.AXES_FAILURE_LIMIT - 1) + [429]
    return user.username


@time_machine.travel(NOW, tick=False)
def test_even_the_right_password_is_refused_where_it_was_guessed_at(guessed):
    assert sign_in(guessed) == 429


@time_machine.travel(NOW, tick=False)
def test_others_sign_in_from_the_same_place_and_the_same_person_from_another(guessed):
    assert sign_in(a_user().username) == 302
    assert sign_in(guessed, address=ELSEWHERE) == 302


@time_machine.travel(NOW, tick=False)
def test_a_forged_address_of_a_proxy_opens_nothing(guessed):
    sent = {"username": guessed, "password": PASSWORD}
    for header in ("x-forwarded-for", "x-real-ip", "forwarded", "true-client-ip"):
        assert Client().post("/login/", sent, REMOTE_ADDR=HERE, headers={header: ELSEWHERE}).status_code == 429


@time_machine.travel(NOW, tick=False)
def test_behind_a_proxy_the_address_is_the_one_the_proxy_added(settings):
    settings.MIDDLEWARE = ["registry.ui.middleware.ProxyMiddleware", *settings.MIDDLEWARE]
    person = a_user()

    def sign_in_through_proxy(password: str, forwarded: str) -> int:
        sent = {"username": person.username, "password": password}
        return Client().post("/login/", sent, headers={"x-forwarded-for": forwarded}).status_code

    for number in range(settings.AXES_FAILURE_LIMIT):
        sign_in_through_proxy("guess", f"10.0.0.{number}, {HERE}")
    assert sign_in_through_proxy(PASSWORD, f"10.9.9.9, {HERE}") == 429
    assert sign_in_through_proxy(PASSWORD, f"{HERE}, {ELSEWHERE}") == 302


def test_after_the_wait_the_right_password_is_right_again(guessed):
    with time_machine.travel(NOW + timedelta(minutes=14), tick=False):
        assert sign_in(guessed) == 429
    with time_machine.travel(NOW + timedelta(minutes=30), tick=False):
        assert sign_in(guessed) == 302


def test_a_name_that_nobody_has_is_shut_out_alike(settings):
    answers = [sign_in("nobody.at.all", "guess") for _number in range(settings.AXES_FAILURE_LIMIT)]
    assert answers[-1] == 429


def test_a_right_password_forgets_the_wrong_ones(settings):
    user = a_user()
    for _round in range(2):
        for _number in range(settings.AXES_FAILURE_LIMIT - 1):
            assert sign_in(user.username, "guess") == 200
        assert sign_in(user.username) == 302
