"""Which visits are repeated as back-checks: a random sample, stratified and reproducible. Pure functions."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal

SMALLEST = 1
"""So many visits at least are drawn from every stratum, so that no inspector is passed over."""


def sample(population: Iterable[tuple[str, str]], *, percent: Decimal, seed: int) -> list[str]:
    """The keys drawn from `population`, pairs of a visit's key and its stratum, sorted.

    Of each stratum `percent` of its visits, rounded half up, but at least one. Every visit has a lot: the SHA-256 of
    seed and key; the lowest lots are drawn. So the same seed over the same visits draws the same sample whatever their
    order and on every machine, and what happens in one stratum moves nothing in another.
    """
    strata = defaultdict(list)
    for key, stratum in population:
        strata[stratum].append((lot(seed, key), key))
    drawn = []
    for members in strata.values():
        drawn += [key for _lot, key in sorted(members)[: size(len(members), percent)]]
    return sorted(drawn)


def size(members: int, percent: Decimal) -> int:
    """How many of a stratum of so many members are drawn."""
    share = (percent * members / 100).quantize(Decimal(1), rounding=ROUND_HALF_UP)
    return min(members, max(SMALLEST, int(share)))


def lot(seed: int, key: str) -> str:
    return hashlib.sha256(f"{seed}:{key}".encode()).hexdigest()
