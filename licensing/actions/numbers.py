"""The numbers that authorities give: one after the other, none left out and none given twice."""

from typing import Protocol

from django.db import connection, transaction
from django.utils.translation import gettext as _

from licensing.rules.numbers import written
from registry.core.errors import Refused
from registry.models import Facility
from registry.states import Authority

NEXT = """
INSERT INTO licensing_numberseries (prefix, year, last) VALUES (%s, %s, 1)
ON CONFLICT (prefix, year) DO UPDATE SET last = licensing_numberseries.last + 1
RETURNING last
"""


class OfAuthority(Protocol):
    authority: str


def next_number(*, prefix: str, year: int) -> str:
    """The next number of the series, such as MOH-2026-000123.

    Whoever asks next waits until this transaction ends; one that fails gives its number back. Raises
    TransactionManagementError outside a transaction, where a number could be lost.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("A number is taken in the transaction that uses it.")
    with connection.cursor() as cursor:
        cursor.execute(NEXT, [prefix, year])
        return written(prefix, year, cursor.fetchone()[0])


def prefix_of(type: OfAuthority, facility: Facility) -> str:
    """MOH for the ministry, PHD and the code of the facility's province for a province. Raises Refused without one."""
    if type.authority == Authority.MINISTRY:
        return "MOH"
    if facility.province is None:
        raise Refused(
            _("It is not known in which province facility %(number)s lies.") % {"number": facility.number},
            code="no_province",
        )
    return f"PHD{facility.province.code}"
