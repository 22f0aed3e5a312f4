"""Every list: filters, sort, pages, parts for htmx, and a fixed number of queries."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from registry.accounts.models import User
from registry.accounts.states import Role
from registry.audit.models import AuditEvent
from registry.ui.lists import Column
from tests.factories import NOW, a_province, a_user

pytestmark = pytest.mark.django_db

PART = {"HX-Request": "true", "HX-Target": "list-result"}
LIST = "/history/"


@pytest.fixture
def auditor(client: Client) -> Client:
    client.force_login(a_user(Role.AUDITOR))
    return client


def events(count: int, **fields: Any) -> None:
    AuditEvent.objects.bulk_create(
        AuditEvent(
            **{
                "verb": "licence.issued",
                "occurred_at": NOW + timedelta(minutes=number),
                "subject_kind": "licensing.licence",
                "subject_number": f"L-{number:04d}",
                "subject_label": f"Licence {number}",
                **fields,
            }
        )
        for number in range(count)
    )


def subjects(response: Any) -> list[str]:
    return [row[3].value for row in response.context["rows"]]


def test_a_stranger_is_sent_to_the_login_page(client: Client) -> None:
    response = client.get(LIST)
    assert response.status_code == 302
    assert response["Location"] == f"{reverse('login')}?next={LIST}"


def test_a_role_without_the_right_to_a_list_is_refused(client: Client) -> None:
    client.force_login(a_user(Role.INSPECTOR))
    assert client.get(LIST).status_code == 403


def test_links_walk_through_all_pages_and_back(auditor: Client) -> None:
    events(120)
    addresses: list[str] = []
    seen: list[str] = []
    query = ""
    while True:
        response = auditor.get(LIST + query)
        addresses.append(query)
        seen += subjects(response)
        if response.context["next"] is None:
            break
        query = response.context["next"]
    assert seen == [f"L-{number:04d}" for number in reversed(range(120))]
    assert len(addresses) == 3
    first = auditor.get(LIST + auditor.get(LIST + response.context["previous"]).context["previous"])
    assert subjects(first) == seen[:50]
    assert first.context["previous"] is None


def test_a_broken_cursor_or_sort_shows_the_first_page(auditor: Client) -> None:
    events(3)
    for query in ("?cursor=nonsense", "?cursor=a:b", "?sort=password", "?sort=--at", "?export=exe", "?cursor=%00"):
        response = auditor.get(LIST + query)
        assert response.status_code == 200
        assert subjects(response) == ["L-0002", "L-0001", "L-0000"]


def test_a_heading_sorts_and_says_so(auditor: Client) -> None:
    events(2)
    response = auditor.get(LIST, {"sort": "at"})
    assert subjects(response) == ["L-0000", "L-0001"]
    header = response.context["headers"][0]
    assert (header.aria_sort, header.href) == ("ascending", "?sort=-at")
    assert b'aria-sort="ascending"' in response.content
    assert response.context["headers"][2].href is None


def test_sort_and_filters_survive_each_other_and_a_new_filter_starts_at_the_first_page(auditor: Client) -> None:
    events(60, by_username="sok")
    response = auditor.get(LIST, {"by": "sok", "sort": "at"})
    assert "by=sok" in response.context["next"] and "sort=at" in response.context["next"]
    assert '<input type="hidden" name="sort" value="at" form="list-filters">' in response.content.decode()
    second = auditor.get(LIST + response.context["next"])
    assert "cursor" not in second.context["headers"][0].href
    assert all("cursor" not in href for _text, href in second.context["chips"])


def test_filters_now_set_are_links_that_take_them_away(auditor: Client) -> None:
    events(1, by_username="sok")
    response = auditor.get(LIST, {"by": "sok", "since": "២២/១១/២០២៦", "verb": ""})
    assert len(response.context["rows"]) == 1
    texts = [str(text) for text, _href in response.context["chips"]]
    assert len(texts) == 2 and texts[0].endswith(": sok")
    assert response.context["chips"][1][1] == "?by=sok"
    assert "<details" in response.content.decode() and response.context["filters_open"]


def test_a_day_of_a_filter_is_a_day_in_cambodia(auditor: Client) -> None:
    events(1, occurred_at=NOW.replace(hour=16, minute=59))
    events(1, occurred_at=NOW.replace(hour=17, minute=0))
    assert len(auditor.get(LIST, {"until": "22/11/2026"}).context["rows"]) == 1
    assert len(auditor.get(LIST, {"since": "23/11/2026"}).context["rows"]) == 1


def test_a_filter_that_makes_no_sense_is_named_and_shows_nothing(auditor: Client) -> None:
    events(1)
    response = auditor.get(LIST, {"since": "yesterday", "export": "csv"})
    assert response.status_code == 200
    assert response.context["rows"] == []
    assert b"govuk-error-summary" in response.content and b'href="#id_since"' in response.content


def test_htmx_gets_the_result_alone_under_the_address_without_empty_filters(auditor: Client) -> None:
    events(2)
    response = auditor.get(LIST, {"verb": "licence.", "by": ""}, headers=PART)
    content = response.content.decode()
    assert "<html" not in content and "<form" not in content and "L-0001" in content
    assert 'id="list-total" hx-swap-oob="innerHTML"' in content
    assert response["HX-Push-Url"] == f"{LIST}?verb=licence."
    assert "HX-Target" in response["Vary"]
    assert "no-store" in response["Cache-Control"] and "private" in response["Cache-Control"]


def test_going_back_in_history_gets_the_whole_page(auditor: Client) -> None:
    response = auditor.get(LIST, headers={**PART, "HX-History-Restore-Request": "true"})
    assert b"<html" in response.content


def test_an_empty_list_says_so_and_an_empty_answer_offers_to_clear_the_filters(auditor: Client) -> None:
    assert b"panel--empty" in auditor.get(LIST).content
    response = auditor.get(LIST, {"by": "nobody", "sort": "at"})
    assert 'href="?sort=at"' in response.content.decode()


def test_rows_are_escaped(auditor: Client) -> None:
    events(1, subject_label="<script>alert(1)</script>")
    assert b"<script>alert" not in auditor.get(LIST).content


@pytest.mark.parametrize("rows", [1, 200])
def test_a_list_asks_the_same_queries_however_long_it_is(
    auditor: Client, rows: int, django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    events(rows)
    with django_assert_max_num_queries(4):  # session, person, rows, count
        auditor.get(LIST)


def test_a_column_follows_a_path_and_shows_the_label_of_a_choice() -> None:
    province = a_province()
    inspector = a_user(Role.INSPECTOR, province=province)
    auditor = a_user(Role.AUDITOR)
    by_path = Column("province", "Province", "province.name_en")
    assert (by_path.shown(inspector), by_path.shown(auditor)) == (province.name_en, None)
    role = Column("role", "Role", kind="tag")
    assert (role.shown(auditor), role.stored(auditor)) == (str(Role.AUDITOR.label), "auditor")
    assert Column("role", "Role", lambda user: Role(user.role)).shown(auditor) == Role.AUDITOR.label
    assert Column("name", "Name", User.get_username).shown(auditor) == auditor.username
