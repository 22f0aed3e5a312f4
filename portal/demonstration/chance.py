"""Chance that falls the same way each time."""

from collections.abc import Hashable, Mapping
from datetime import date, datetime, time, timedelta
from random import Random
from typing import TypeVar

from django.utils import timezone

T = TypeVar("T", bound=Hashable)
OPENS, CLOSES = 8, 17


class Chance(Random):
    """Random days, moments and shares; the same seed gives the same register."""

    def deal(self, weights: Mapping[T, float], number: int) -> list[T]:
        """`number` things in about these proportions, in any order; each at least once where there is room."""
        shares = parts(weights, number, at_least=1 if number >= len(weights) else 0)
        dealt = [thing for thing, share in shares.items() for _each in range(share)]
        self.shuffle(dealt)
        return dealt

    def day(self, first: date, last: date) -> date:
        """A day from `first` to `last`, both included; `first` where `last` is before it."""
        return first + timedelta(days=self.randint(0, max(0, (last - first).days)))

    def moment(self, day: date) -> datetime:
        """A moment in the opening hours of an office in Cambodia, on `day` or, where that is a weekend, the Friday."""
        seconds = self.randrange(OPENS * 3600, CLOSES * 3600)
        return timezone.make_aware(datetime.combine(working_day(day), time()) + timedelta(seconds=seconds))


def parts(weights: Mapping[T, float], whole: int, *, at_least: int = 0) -> dict[T, int]:
    """`whole` divided in proportion to `weights`, by largest remainders."""
    total, free = sum(weights.values()), whole - at_least * len(weights)
    exact = {thing: free * weight / total for thing, weight in weights.items()}
    shares = {thing: at_least + int(share) for thing, share in exact.items()}
    for thing in sorted(exact, key=lambda thing: int(exact[thing]) - exact[thing])[: whole - sum(shares.values())]:
        shares[thing] += 1
    return shares


def working_day(day: date) -> date:
    return day - timedelta(days=max(0, day.weekday() - 4))
