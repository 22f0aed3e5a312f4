"""Numbers of an authority and a year: none left out, none given twice."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection, transaction

from licensing.actions import numbers
from licensing.models import NumberSeries
from registry.core.errors import Refused
from tests.factories import a_facility, a_licence_type, a_province

THREADS = 32


def take(prefix: str = "MOH", year: int = 2026) -> str:
    with transaction.atomic():
        return numbers.next_number(prefix=prefix, year=year)


@pytest.mark.django_db(transaction=True)
def test_32_at_once_take_32_numbers_without_a_gap_though_every_fourth_fails():
    start = Barrier(THREADS)

    def one(number: int) -> str | None:
        try:
            start.wait()
            with transaction.atomic():
                taken = numbers.next_number(prefix="MOH", year=2026)
                if number % 4 == 0:
                    raise LookupError
                return taken
        except LookupError:
            return None
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        taken = {number for number in pool.map(one, range(THREADS)) if number is not None}
    assert taken == {f"MOH-2026-{place:06d}" for place in range(1, THREADS - THREADS // 4 + 1)}
    assert NumberSeries.objects.get().last == len(taken)


@pytest.mark.django_db
def test_each_authority_and_each_year_counts_for_itself():
    assert [take(), take(), take(year=2027), take("PHD12")] == [
        "MOH-2026-000001",
        "MOH-2026-000002",
        "MOH-2027-000001",
        "PHD12-2026-000001",
    ]


@pytest.mark.django_db(transaction=True)
def test_no_number_is_taken_outside_the_transaction_that_uses_it():
    with pytest.raises(transaction.TransactionManagementError):
        numbers.next_number(prefix="MOH", year=2026)


@pytest.mark.django_db
def test_the_prefix_names_the_authority():
    facility = a_facility(province=a_province("01"))
    assert numbers.prefix_of(a_licence_type(authority="ministry"), facility) == "MOH"
    provincial = a_licence_type("cabinet", authority="province")
    assert numbers.prefix_of(provincial, facility) == "PHD01"
    facility.province = None
    with pytest.raises(Refused) as refusal:
        numbers.prefix_of(provincial, facility)
    assert refusal.value.code == "no_province"
