"""Every address of the portal, found in its URLconf and filled with things that there are, and who may read it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from registry.accounts.models import User
from registry.accounts.states import Role

PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")
READERS = (
    Role.PROVINCIAL_MANAGER,
    Role.INSPECTOR,
    Role.ADMINISTRATOR,
    Role.APPROVER,
    Role.LICENSING_OFFICER,
    Role.ENFORCEMENT_OFFICER,
    Role.AUDITOR,
    Role.OPERATOR,
)
"""Every role; those who find most things open come first."""


@dataclass(frozen=True)
class Answer:
    """What an address said to the first person who may read it, or to the last one where nobody may."""

    route: str
    address: str
    reader: User | None
    response: Any

    @property
    def is_page(self) -> bool:
        return self.response.status_code == 200 and self.response["Content-Type"].startswith("text/html")


def routes() -> list[str]:
    """Every route but those of the API, whose answers are no pages."""
    return [route for route in written(get_resolver().url_patterns) if not route.startswith("/api/v1/")]


def written(patterns: Sequence[URLPattern | URLResolver], before: str = "/") -> Iterator[str]:
    for entry in patterns:
        route = before + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from written(entry.url_patterns, route)
        elif not entry.pattern.regex.pattern.startswith("^api/"):
            yield route


def filled(route: str, parts: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[str]:
    """The addresses of a route: one for each set of values that it can be filled with."""
    names = PARAMETER.findall(route)
    if not names:
        return [route]
    fitting = [values for values in parts[route.split("/")[1]] if values.keys() >= set(names)]
    assert fitting, f"tests/one_of_everything.py has nothing for {route}"
    template = PARAMETER.sub(r"{\1}", route)
    return [template.format(**{name: quote(str(value)) for name, value in values.items()}) for values in fitting]


def signed_in(people: Mapping[str, User]) -> dict[User | None, Client]:
    """A client of each person, and of a stranger."""
    clients: dict[User | None, Client] = {None: Client()}
    for role in READERS:
        clients[people[role]] = Client(raise_request_exception=False)
        clients[people[role]].force_login(people[role])
    return clients


def answers(
    clients: Mapping[User | None, Client], parts: Mapping[str, Sequence[Mapping[str, Any]]]
) -> Iterator[list[Answer]]:
    """For each route, the answers of its addresses, each to somebody who may read it.

    Pages of things are all read; of pages to do something with a thing, one is enough.
    """
    for route in routes():
        readers = [*filter(None, clients), None]
        found: list[Answer] = []
        for address in filled(route, parts):
            found.append(answer(clients, readers, route, address))
            readers.sort(key=lambda reader: reader != found[-1].reader)
            if found[-1].is_page and not route.endswith(">/"):
                break
        yield found


def answer(clients: Mapping[User | None, Client], readers: Sequence[User | None], route: str, address: str) -> Answer:
    for reader in readers:
        response = clients[reader].get(address)
        if response.status_code in (200, 405):
            break
    return Answer(route, address, reader, response)


def written_for_the_api() -> list[str]:
    """The lists of the API; their things are read by the tests of the API itself."""
    return [
        route.removesuffix("$").replace("^", "")
        for route in written(get_resolver().url_patterns)
        if route.startswith("/api/v1/") and "<" not in route
    ]
