"""The description of the API is whole, valid OpenAPI 3.1, and its page works under the strict policy."""

import io
import re
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import get_resolver, reverse
from django.urls.resolvers import URLPattern, URLResolver
from drf_spectacular.validation import validate_schema
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from registry.accounts.states import Role
from registry.ui.api import NoSuchAddress
from tests.api.description import description, faults
from tests.factories import a_user

pytestmark = pytest.mark.django_db
NOT_DESCRIBED = {"/api/docs/", "/api/v1/schema/"}


def test_it_is_made_without_a_warning() -> None:
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=io.StringIO())


def test_it_is_served_as_openapi_in_english(client: Client) -> None:
    client.force_login(a_user(Role.AUDITOR))
    served = client.get(reverse("api-schema"), headers={"accept-language": "km"}).json()
    assert served["openapi"].startswith("3.1")
    validate_schema(served)
    assert not re.search("[\u1780-\u17ff]", str({**served, "paths": without_examples(served["paths"])}))


def without_examples(part: Any) -> Any:
    if isinstance(part, dict):
        return {name: without_examples(value) for name, value in part.items() if name not in ("example", "examples")}
    return [without_examples(value) for value in part] if isinstance(part, list) else part


def test_every_address_under_the_api_is_described() -> None:
    described = {re.sub(r"{\w+}", "{}", path) for path in description()["paths"]}
    assert {
        address for address in addresses(get_resolver()) if address.startswith("/api/")
    } - NOT_DESCRIBED == described


def addresses(resolver: URLResolver, before: str = "/") -> set[str]:
    found: set[str] = set()
    for pattern in resolver.url_patterns:
        address = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            found |= addresses(pattern, address)
        elif isinstance(pattern, URLPattern) and getattr(pattern.callback, "view_class", None) is not NoSuchAddress:
            found.add(re.sub(r"\(\?P<.*\)|<[^>]*>", "{}", address.replace("^", "").replace("\\Z", "").rstrip("$")))
    return found


OPERATIONS = [(path, operations["get"]) for path, operations in description()["paths"].items() if "get" in operations]


@pytest.mark.parametrize(("path", "operation"), OPERATIONS, ids=[path for path, _ in OPERATIONS])
def test_every_operation_has_an_example_as_described_and_says_what_can_go_wrong(
    path: str, operation: dict[str, Any]
) -> None:
    good = operation["responses"]["200"]["content"]["application/json"]
    assert good["examples"]
    for example in good["examples"].values():
        assert faults(example["value"], good["schema"]) == []
    assert operation["responses"].keys() == {"200", "404" if path.endswith("}/") else "400", "401", "429"}
    assert operation["description"]
    assert all(parameter.get("description") for parameter in operation["parameters"] if parameter["in"] == "query")


def test_what_no_address_answers_is_a_problem() -> None:
    client = Client()
    assert client.get("/api/v1/secrets/").status_code == 401
    client.force_login(a_user(Role.AUDITOR))
    for address in ("/api/", "/api/v1/", "/api/v1/secrets/", "/api/v2/facilities/"):
        answer = client.get(address)
        assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")


def test_a_fault_of_our_own_is_a_problem_that_tells_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(*_: Any) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("registry.api.catalogue.ServiceViewSet.get_queryset", break_down)
    client = Client(raise_request_exception=False)
    client.force_login(a_user(Role.AUDITOR))
    answer = client.get("/api/v1/services/")
    assert (answer.status_code, answer["Content-Type"]) == (500, "application/problem+json")
    assert answer.json()["code"] == "error" and "secret" not in answer.content.decode()


def test_a_stranger_signs_in_to_read_the_page_of_the_api(client: Client) -> None:
    assert client.get(reverse("api-docs")).headers["Location"].startswith("/login/")
    assert client.get(reverse("api-schema")).status_code == 401


@pytest.mark.browser
def test_the_page_shows_and_tries_the_api_under_the_strict_policy(
    page: Page, live_server: LiveServer, client: Client
) -> None:
    client.force_login(a_user(Role.AUDITOR))
    page.context.add_cookies(
        [{"name": name, "value": cookie.value, "url": live_server.url} for name, cookie in client.cookies.items()]
    )
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text) if "Content Security" in message.text else None)
    page.goto(live_server.url + reverse("api-docs"))
    operation = page.locator("#operations-services-services_list")
    operation.locator("button").first.click()
    operation.get_by_role("button", name="Try it out").click()
    operation.get_by_role("button", name="Execute").click()
    operation.locator(".live-responses-table").get_by_text("200", exact=True).first.wait_for()
    assert refused == []
