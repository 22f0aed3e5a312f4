"""The search row: what a person waits for, through the filter that page, API and export share."""

import time
from collections.abc import Iterator
from itertools import product
from statistics import quantiles
from types import SimpleNamespace
from typing import Any

from registry.filters import FacilityFilter
from registry.models import Facility
from tests.benchmarks.fill import KHMER, LATIN
from tests.benchmarks.result import Result

ROUNDS = 60
PERSON = SimpleNamespace(is_authenticated=True, is_active=True, role="auditor", province_id=None)


def measure() -> Iterator[Result]:
    pairs = [f"{a} {b}" for words in (KHMER, LATIN) for a, b in product(words, words) if a != b]
    ones = [f"{word} {number}" for number, word in enumerate(KHMER + LATIN)]
    selective = [str(number) for number in range(70_001, 70_001 + 9 * ROUNDS, 9)]
    for what, texts, goal in (
        ("two words", pairs, 5),
        ("one selective word", selective, 50),
        ("word and number", ones, 50),
    ):
        waits = [wait_for(text) for text in (texts * ROUNDS)[:ROUNDS]]
        p95 = quantiles(waits, n=20)[-1]
        yield Result(
            f"search p95, {what}, ms",
            p95,
            goal,
            True,
            f"median {sorted(waits)[len(waits) // 2]:.1f} ms, {ROUNDS} searches",
        )


def wait_for(text: str) -> float:
    request: Any = SimpleNamespace(user=PERSON)
    start = time.perf_counter()
    rows = FacilityFilter(data={"q": text}, queryset=Facility.objects.visible_to(PERSON), request=request).rows
    list(rows[:51])
    return (time.perf_counter() - start) * 1000
