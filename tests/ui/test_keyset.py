"""Keyset pages visit every row once, in the order the database itself gives."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db.models import F, QuerySet
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.accounts.models import User
from registry.accounts.states import Role
from registry.ui import keyset

pytestmark = pytest.mark.django_db

ORDERS = [
    (),
    ("-pk",),
    ("first_name",),
    ("-first_name",),
    ("last_login",),
    ("-last_login",),
    ("first_name", "last_login"),
    ("-first_name", "-last_login"),
    ("last_login", "first_name"),
    ("-last_login", "-first_name"),
    ("last_login", "first_name", "moment"),
    ("-moment", "-first_name", "-last_login"),
]
MOMENTS = [datetime(2026, 1, 1, microsecond=1, tzinfo=UTC) + timedelta(hours=7 * hour) for hour in range(3)]
Person = tuple[str, datetime | None]
people: st.SearchStrategy[list[Person]] = st.lists(
    st.tuples(st.sampled_from(["", "a", "B", "ក", "ខ្មែរ", "'; --"]), st.sampled_from([None, *MOMENTS])), max_size=25
)


def enrol(rows: list[Person]) -> None:
    User.objects.all().delete()
    User.objects.bulk_create(
        User(username=f"person-{number}", first_name=name, last_login=moment, role=Role.AUDITOR)
        for number, (name, moment) in enumerate(rows)
    )


def with_moment() -> QuerySet[User]:
    return User.objects.annotate(moment=F("last_login"))


@pytest.mark.parametrize("order", ORDERS, ids=",".join)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=people, size=st.integers(1, 7))
def test_walking_forward_then_back_visits_every_row_once_in_order(
    order: tuple[str, ...], rows: list[Person], size: int
) -> None:
    enrol(rows)
    pk = "-pk" if any(name.startswith("-") for name in order) else "pk"
    expected = list(with_moment().order_by(*order, pk).values_list("pk", flat=True))

    pages, cursor = [], None
    while True:
        page = keyset.page(with_moment(), order, cursor, size)
        pages.append([user.pk for user in page.rows])
        if page.next_cursor is None:
            break
        cursor = page.next_cursor
    assert [pk for rows_of_page in pages for pk in rows_of_page] == expected

    back = [pages[-1]]
    while page.previous_cursor is not None:
        page = keyset.page(with_moment(), order, page.previous_cursor, size)
        back.append([user.pk for user in page.rows])
    assert [pk for rows_of_page in reversed(back) for pk in rows_of_page] == expected


@pytest.mark.parametrize("order", [("first_name",), ("last_login", "first_name")])
def test_every_page_is_one_query(order: tuple[str, ...], django_assert_num_queries: Callable[[int], Any]) -> None:
    enrol([(name, moment) for name in "abc" for moment in [None, *MOMENTS]])
    cursor: str | None = None
    for _page in range(4):
        with django_assert_num_queries(1):
            cursor = keyset.page(User.objects.all(), order, cursor, 3).next_cursor


def test_rows_may_be_dictionaries_and_sorted_by_a_related_field() -> None:
    enrol([("a", None), ("b", None), ("c", None)])
    rows = User.objects.order_by("-username").values("username")
    first = keyset.page(rows, ["province__name_en", "username"], None, 2)
    second = keyset.page(rows, ["province__name_en", "username"], first.next_cursor, 2)
    assert first.rows == [{"username": "person-0"}, {"username": "person-1"}]
    assert second.rows == [{"username": "person-2"}]


@pytest.mark.parametrize("cursor", ["", "x", "a:b", "\x00", "ក", "W10:W10", "." * 3000])
def test_an_invalid_cursor_leads_to_the_first_page(cursor: str) -> None:
    enrol([("a", None), ("b", None)])
    assert keyset.page(User.objects.all(), ["first_name"], cursor, 1).rows[0].first_name == "a"


def test_a_cursor_of_another_sort_is_no_cursor() -> None:
    enrol([("a", None), ("b", None)])
    foreign = keyset.page(User.objects.all(), ["first_name"], None, 1).next_cursor
    assert keyset.page(User.objects.all(), ["-first_name"], foreign, 1).rows[0].first_name == "b"


def test_a_page_emptied_meanwhile_still_leads_back() -> None:
    enrol([("a", None), ("b", None), ("c", None)])
    beyond = keyset.page(User.objects.all(), ["first_name"], None, 2).next_cursor
    User.objects.filter(first_name="c").delete()
    page = keyset.page(User.objects.all(), ["first_name"], beyond, 2)
    assert page.rows == [] and page.next_cursor is None and page.previous_cursor is not None


def test_a_mixed_order_is_refused() -> None:
    with pytest.raises(ValueError, match="all ascending or all descending"):
        keyset.page(User.objects.all(), ["first_name", "-last_login"], None, 1)


def test_totals_are_counted_when_few_and_estimated_when_many() -> None:
    enrol([("a", None)] * 5)
    assert keyset.total(User.objects.all()) == keyset.Total(5, exact=True)
    many = keyset.total(User.objects.all(), counted_up_to=3)
    assert not many.exact and many.count >= 3
