"""People of an operator see their own affairs and nothing else: every page, every list of the API, every row."""

import re
from collections.abc import Iterator
from uuid import UUID

import pytest
from django.test import Client
from django.urls import resolve

from licensing.models import Application, Invoice, Licence
from portal.navigation import OPEN_TO_OPERATORS
from registry.accounts.states import Role
from registry.models import Facility, Representative
from tests.addresses import PARAMETER, filled, routes, written_for_the_api
from tests.factories import an_operator
from tests.factories_applying import a_person_of
from tests.one_of_everything import a_small_register, parts_of_addresses

pytestmark = pytest.mark.django_db

PUBLIC = {"verify", "verify-ask", "verify-offline", "verify-worker", "licence-status", "licence-keys", "evidence"}
FOR_EVERYBODY = {"/api/v1/areas/", "/api/v1/operational-districts/"}
"""Where places are is no secret."""
SECRET = ("KH0000", "Kesararom", "APP-2026", "INV-2026", "one.inspector", "Sok Clinic")
"""What stands on pages of the register, and on none for somebody of another firm."""


@pytest.fixture
def people(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return a_small_register()


@pytest.fixture
def stranger(people) -> Client:
    """Somebody of a firm that has nothing."""
    client = Client(raise_request_exception=False)
    client.force_login(a_person_of(an_operator(name_en="Another Firm"), username="stranger"))
    return client


def every_page() -> Iterator[tuple[str, str, str]]:
    """Route, address and name; of closed pages one address is enough, because the door goes by the name."""
    parts = parts_of_addresses()
    for route in routes():
        any_address = PARAMETER.sub("1", re.sub(r"<uuid:\w+>", str(UUID(int=1)), route))
        name = resolve(any_address).view_name
        known = name in OPEN_TO_OPERATORS and route.split("/")[1] in parts
        for address in filled(route, parts) if known else [any_address]:
            yield route, address, name


def test_somebody_of_another_firm_finds_nothing_of_the_register(stranger):
    met = set()
    for route, address, name in every_page():
        for method in ("get", "post"):
            if name in ("logout", *PUBLIC):
                continue
            answer = getattr(stranger, method)(address)
            status = answer.status_code
            met.add(status)
            if name not in OPEN_TO_OPERATORS:
                assert status == 403, (method, address)
            elif "<" in route and name != "application-begin":
                assert status in (404, 405), (method, address)
            elif status == 200:
                said = answer.content.decode()
                assert not [word for word in SECRET if word in said], (method, address)
    assert met >= {200, 403, 404}


def test_somebody_of_another_firm_finds_nothing_in_the_api(stranger):
    for address in written_for_the_api():
        answer = stranger.get(address)
        if answer.status_code == 200 and address not in FOR_EVERYBODY and "results" in answer.json():
            assert answer.json()["results"] == [], address


def test_who_acts_for_an_operator_sees_its_own_and_only_that(people, client):
    person = people[Role.OPERATOR]
    client.force_login(person)
    own = {
        "application": (Application, "operator"),
        "invoice": (Invoice, "application__operator"),
        "licence": (Licence, "facility__operator"),
    }
    for noun, (model, operator) in own.items():
        every = model.objects.all()
        mine = every.filter(**{f"{operator}__representatives__person": person})
        assert mine.exists() and every.exclude(pk__in=mine.values("pk")).exists(), noun
        for thing in every:
            status = client.get(f"/{noun}s/{thing.number}/").status_code
            assert status == (200 if mine.filter(pk=thing.pk).exists() else 404), (noun, thing.number)
    assert client.get(f"/facilities/{Facility.objects.first().number}/").status_code == 403


def test_pages_of_an_operator_lead_to_no_closed_door(people, client):
    client.force_login(people[Role.OPERATOR])
    for route, address, name in every_page():
        if name not in OPEN_TO_OPERATORS or name in PUBLIC:
            continue
        answer = client.get(address)
        if answer.status_code != 200 or not answer["Content-Type"].startswith("text/html"):
            continue
        for href in answer.content.decode().split('href="')[1:]:
            path = href.split('"')[0].split("?")[0].split("#")[0]
            if path.startswith("/") and not path.startswith("/static/"):
                assert resolve(path.replace("&#x27;", "'")).view_name in OPEN_TO_OPERATORS, (route, path)


def test_whoever_no_longer_acts_for_the_operator_sees_nothing(people, client):
    person = people[Role.OPERATOR]
    Representative.objects.filter(person=person).update(ended_on="2026-01-01")
    assert not Application.objects.visible_to(person).exists()
    assert not Licence.objects.visible_to(person).exists()
    assert not Invoice.objects.visible_to(person).exists()
