from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from portal.reports.life_cycles import diagrams

FILE = Path(settings.BASE_DIR) / "docs" / "life-cycles.md"


class Command(BaseCommand):
    help = "Draw the life cycles of all floors into docs/life-cycles.md; --check only says whether it is up to date."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="change nothing; fail where the file differs")

    def handle(self, *arguments: Any, check: bool, **options: Any) -> None:
        drawn = diagrams()
        if FILE.exists() and FILE.read_text() == drawn:
            return
        if check:
            raise CommandError(f"docs/{FILE.name} is out of date: run manage.py draw_life_cycles.")
        FILE.write_text(drawn)
        self.stdout.write(f"docs/{FILE.name} is drawn anew.")
