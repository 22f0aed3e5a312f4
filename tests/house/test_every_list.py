"""What is promised of every list in the portal, whoever wrote it."""

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from registry.accounts.states import Role
from registry.ui.exports import FORMATS
from registry.ui.lists import ListPage
from tests.factories import a_user

pytestmark = pytest.mark.django_db

PART = {"HX-Request": "true", "HX-Target": "list-result"}


def lists(patterns: list[URLPattern | URLResolver], prefix: str = "/") -> Iterator[tuple[str, type[ListPage]]]:
    """The address and the class of every list whose address has no parameters."""
    for entry in patterns:
        address = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from lists(entry.url_patterns, address)
            continue
        view: type = getattr(entry.callback, "view_class", object)
        if issubclass(view, ListPage) and "<" not in address:
            yield address, view


LISTS = list(lists(get_resolver().url_patterns))


@pytest.fixture
def clients() -> list[Client]:
    """One client for each role: every list is open to some of them."""
    signed_in = []
    for role in Role:
        client = Client()
        client.force_login(a_user(role))
        signed_in.append(client)
    return signed_in


@pytest.mark.parametrize(("address", "view"), LISTS, ids=[address for address, _view in LISTS])
def test_a_list_answers_in_every_order_as_page_part_and_file(
    clients: list[Client], address: str, view: type[ListPage]
) -> None:
    orders = [sign + column.name for column in view.columns if column.sort for sign in ("", "-")]
    assert view.default_sort in orders
    readers = [client for client in clients if client.get(address).status_code == 200]
    assert readers
    for order in orders:
        assert readers[0].get(address, {"sort": order}).context["sort"] in (order, "")
    assert b"<html" not in readers[0].get(address, headers=PART).content
    for file_format in FORMATS:
        response = readers[0].get(address, {"export": file_format})
        assert "attachment" in response["Content-Disposition"]
        assert b"".join(response.streaming_content)  # type: ignore[attr-defined]


@pytest.mark.parametrize(("address", "view"), LISTS, ids=[address for address, _view in LISTS])
def test_a_filter_of_nonsense_is_no_fault(clients: list[Client], address: str, view: type[ListPage]) -> None:
    filters = view.filterset_class.base_filters if view.filterset_class else {}
    for nonsense in ("\x00", "'", "៩៩៩៩៩៩៩៩៩៩៩៩៩៩៩៩៩៩៩៩", "-1", "2026-02-31", "ក", "%"):
        for client in clients:
            assert client.get(address, dict.fromkeys(filters, nonsense)).status_code in (200, 403)


def test_there_are_lists() -> None:
    assert {"/history/", "/people/"} <= {address for address, _view in LISTS}
