from collections import Counter
from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from inspections.actions import risk_models, rulebook
from licensing.actions import licence_types
from registry.actions import catalogue, holidays

LOADERS: list[tuple[str, Callable[..., Counter[str] | int]]] = [
    ("Facility types and services", catalogue.load),
    ("Public holidays", holidays.load),
    ("Rulesets and checklists", rulebook.load),
    ("Order of work", risk_models.load),
    ("Licence types", licence_types.load),
    ("Reasons for refusal and advisers", licence_types.load_reviewing),
]


class Command(BaseCommand):
    help = "Load what every register needs before its first facility. Safe to repeat."

    def handle(self, *arguments: Any, **options: Any) -> None:
        for what, load in LOADERS:
            self.stdout.write(f"{what}: {say(load(by=None, at=timezone.now()))}")


def say(counts: Counter[str] | int) -> str:
    if isinstance(counts, int):
        return f"{counts} created or changed"
    return ", ".join(f"{number} {word}" for word, number in counts.items())
