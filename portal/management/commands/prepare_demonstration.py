from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.utils.translation import override

STEPS: list[tuple[str, str, dict[str, Any]]] = [
    ("Bringing the database up to date", "migrate", {"database": "owner", "verbosity": 0, "interactive": False}),
    ("Loading the provinces, districts, communes and villages", "load_gazetteer", {}),
    ("Loading facility types, services, rulesets and licence types", "load_reference_data", {}),
    ("Loading the demonstration registry", "load_demo", {}),
    ("Sweeping", "sweep", {}),
]
ACCOUNTS = "load_demo"
"""The step whose output names the demonstration accounts."""


class Command(BaseCommand):
    help = "Fill the registry with demonstration data, quickly where it is there. The accounts go to standard output."

    def handle(self, *arguments: Any, **options: Any) -> None:
        with override("en"):
            for what, name, settings in STEPS:
                self.stderr.write(f"{what} …")
                call_command(
                    name, stdout=self.stdout if name == ACCOUNTS else self.stderr, stderr=self.stderr, **settings
                )
