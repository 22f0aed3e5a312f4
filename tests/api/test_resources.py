"""What holds for every list of the API and for every thing in it."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from portal.api import router
from registry.accounts.models import User
from registry.accounts.states import STAFF_ROLES, Role
from tests.api.description import faults, schema_of
from tests.api.resources import RESOURCES, Resource, answer_of
from tests.factories import a_facility, a_province, a_user, another_province

pytestmark = pytest.mark.django_db
every_resource = pytest.mark.parametrize("resource", RESOURCES, ids=lambda resource: resource.path)


def as_(user: User) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


def thing(resource: Resource, number: str) -> str:
    return f"{resource.address}{quote(number, safe='')}/"


def test_every_list_is_tested_here() -> None:
    assert {resource.path for resource in RESOURCES} == {prefix for prefix, _, _ in router.registry}


@every_resource
def test_the_answers_are_as_described(resource: Resource) -> None:
    number = resource.make(a_province())
    client = as_(a_user(Role.AUDITOR))
    listed = client.get(resource.address)
    assert faults(listed.json(), schema_of(resource.address)) == []
    row = next(row for row in listed.json()["results"] if answer_of(row) == number)
    one = client.get(thing(resource, number))
    assert (one.status_code, one["Content-Type"]) == (200, "application/json")
    assert {name: one.json()[name] for name in row} == row
    assert faults(one.json(), schema_of(f"{resource.address}{{}}/")) == []
    assert one["Cache-Control"] == "private, no-store"


@every_resource
def test_thirty_things_cost_as_many_queries_as_one(
    resource: Resource, django_assert_num_queries: Callable[[int], Any]
) -> None:
    client = as_(a_user(Role.AUDITOR))
    province = a_province()
    for already, wanted in ((0, 1), (1, 30)):
        for _ in range(already, wanted):
            resource.make(province)
        with CaptureQueriesContext(connection) as asked, django_assert_num_queries(resource.queries):
            assert len(client.get(resource.address).json()["results"]) >= wanted
        assert not any("COUNT(" in query["sql"] for query in asked)


@every_resource
def test_the_pages_of_a_list_have_each_thing_once(resource: Resource) -> None:
    made = {resource.make(a_province()) for _ in range(5)}
    client = as_(a_user(Role.AUDITOR))
    address, seen = f"{resource.address}?page_size=2", []
    while address:
        page = client.get(address).json()
        assert len(page["results"]) <= 2
        seen += [answer_of(row) for row in page["results"]]
        address = page["next"]
    assert len(seen) == len(set(seen))
    assert made <= set(seen)


@every_resource
def test_somebody_of_an_operator_sees_nothing_but_where_places_are(resource: Resource) -> None:
    here = resource.make(a_province())
    client = as_(a_user(Role.OPERATOR))
    seen = bool(client.get(resource.address).json()["results"])
    assert seen is (resource.path in ("areas", "operational-districts"))
    assert client.get(thing(resource, here)).status_code == (200 if seen else 404)


@every_resource
@pytest.mark.parametrize("role", STAFF_ROLES)
def test_people_of_a_province_see_their_province_and_others_the_country(resource: Resource, role: Role) -> None:
    here, there = resource.make(a_province()), resource.make(another_province())
    provincial = resource.scoped and role in (Role.INSPECTOR, Role.PROVINCIAL_MANAGER)
    client = as_(a_user(role, province=a_province()))
    seen = {answer_of(row) for row in client.get(resource.address).json()["results"]}
    assert here in seen
    assert (there in seen) is not provincial
    assert client.get(thing(resource, here)).status_code == 200
    assert client.get(thing(resource, there)).status_code == (404 if provincial else 200)


@every_resource
def test_a_stranger_is_asked_who_it_is(resource: Resource) -> None:
    number = resource.make(a_province())
    for address in (resource.address, thing(resource, number), thing(resource, "none")):
        answer = APIClient().get(address)
        assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")
        assert_problem(answer, "not_authenticated")


@every_resource
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options"])
def test_nothing_else_can_be_written(resource: Resource, method: str) -> None:
    """Visits are planned by POST to their list; see tests/inspections/test_api_of_visits.py."""
    number = resource.make(a_province())
    client = as_(a_user(Role.ADMINISTRATOR))
    for address in (resource.address, thing(resource, number)):
        if address == "/api/v1/visits/":
            continue
        answer = getattr(client, method)(address, {}, format="json")
        assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD")
        assert_problem(answer, "method_not_allowed")


@every_resource
@pytest.mark.parametrize("number", ["none", "0", "9" * 40, "%00", "ក"])
def test_what_is_not_there_is_not_found(resource: Resource, number: str) -> None:
    answer = as_(a_user(Role.AUDITOR)).get(f"{resource.address}{number}/")
    assert answer.status_code == 404
    assert_problem(answer, "not_found")


@every_resource
def test_an_unknown_parameter_is_named_with_all_the_others(resource: Resource) -> None:
    answer = as_(a_user(Role.AUDITOR)).get(f"{resource.address}?provinec=12&format=json")
    assert answer.status_code == 400
    assert_problem(answer, "invalid")
    assert [(e["field"], e["code"]) for e in answer.json()["errors"]] == [
        ("format", "unknown"),
        ("provinec", "unknown"),
    ]


@pytest.mark.parametrize(
    ("path", "parameter", "value"),
    [
        ("facilities", "province", "99"),
        ("visits", "province", "99"),
        ("licences", "state", "lost"),
        ("licences", "in_force_on", "31/2/2026"),
        ("flags", "raised_from", "yesterday"),
        ("flags", "severity", "9"),
        ("sweep-runs", "state", "asleep"),
        ("areas", "level", "planet"),
        ("areas", "q", "%00"),
    ],
)
def test_a_value_that_makes_no_sense_is_named(path: str, parameter: str, value: str) -> None:
    answer = as_(a_user(Role.AUDITOR)).get(f"/api/v1/{path}/?{parameter}={value}")
    assert answer.status_code == 400
    assert_problem(answer, "invalid")
    assert [error["field"] for error in answer.json()["errors"]] == [parameter]


def test_moments_carry_their_offset_and_what_is_not_known_is_null() -> None:
    number = a_facility().number
    answer = as_(a_user(Role.AUDITOR)).get(f"/api/v1/facilities/{number}/").json()
    assert answer["changed_at"] == "2026-11-22T10:00:00+07:00"
    assert answer["name"]["km"] is None
    assert (answer["phone"], answer["beds"], answer["standing"], answer["services"]) == (None, None, None, [])


def test_a_program_that_wants_no_json_is_told_what_there_is() -> None:
    answer = as_(a_user(Role.AUDITOR)).get("/api/v1/services/", headers={"accept": "text/csv"})
    assert answer.status_code == 406
    assert_problem(answer, "not_acceptable")


def test_a_page_has_two_hundred_rows_at_most() -> None:
    for number in range(201):
        a_facility(name_en=f"Clinic {number}")
    answer = as_(a_user(Role.AUDITOR)).get("/api/v1/facilities/?page_size=1000000000").json()
    assert len(answer["results"]) == 200
    assert answer["next"]


def test_filters_and_cursor_work_together() -> None:
    for province in (a_province(), another_province(), a_province()):
        a_facility(province=province)
    client = as_(a_user(Role.AUDITOR))
    first = client.get("/api/v1/facilities/?province=12&page_size=1").json()
    second = client.get(first["next"]).json()
    assert [row["province"] for row in first["results"] + second["results"]] == ["12", "12"]
    assert second["next"] is None
    assert client.get(second["previous"]).json()["results"] == first["results"]


def test_areas_are_found_by_name_however_it_is_spelt() -> None:
    a_province(), another_province()
    client = as_(a_user(Role.AUDITOR))
    found = client.get("/api/v1/areas/", {"q": "ភ្នំ\u200bពេញ"}).json()["results"]
    assert [area["code"] for area in found] == ["12"]
    assert [area["code"] for area in client.get("/api/v1/areas/?level=province").json()["results"]] == ["01", "12"]


def assert_problem(answer: Any, code: str) -> None:
    assert answer["Content-Type"] == "application/problem+json"
    assert (answer.json()["code"], answer.json()["status"]) == (code, answer.status_code)
    assert faults(answer.json(), {"$ref": "#/components/schemas/Problem"}) == []
