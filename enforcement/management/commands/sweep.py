import json
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from enforcement import sweeps
from enforcement.rules import BY_CODE
from registry.core.dates import parse_day
from registry.core.errors import Refused


class Command(BaseCommand):
    help = "Make the open flags exactly those that the compliance rules ask for."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--as-of", metavar="DATE", help="the day to ask about, such as 2025-12-15; today if left out"
        )
        parser.add_argument("--rule", action="append", default=[], metavar="CODE", help=f"only: {', '.join(BY_CODE)}")
        parser.add_argument("--dry-run", action="store_true", help="say what would be done; any day, nothing written")
        parser.add_argument(
            "--full", action="store_true", help="compare every facility, not only those that can differ"
        )
        parser.add_argument("--format", choices=["text", "json"], default="text")

    def handle(self, *, as_of: str | None, rule: list[str], dry_run: bool, full: bool, format: str, **_: Any) -> None:
        today = timezone.localdate()
        day = today if as_of is None else self.read(as_of)
        if day > today and not dry_run:
            raise CommandError(
                f"{day} is in the future: no flag may be raised before its day. Add --dry-run to look ahead."
            )
        try:
            if dry_run:
                report = sweeps.dry_run(as_of=day, rules=rule)
            else:
                report = sweeps.sweep(as_of=day, started_by="command", rules=rule, full=full)
        except Refused as refused:
            raise CommandError(refused.sentence) from refused
        self.write(report, format)

    def read(self, text: str) -> date:
        try:
            return parse_day(text)
        except ValueError as error:
            raise CommandError(f"--as-of {text}: {error}") from error

    def write(self, report: sweeps.SweepReport, format: str) -> None:
        counts = {code: vars(count) for code, count in report.counts.items()}
        if format == "json":
            summary = {"as_of": report.as_of.isoformat(), "dry_run": report.run is None, "rules": counts}
            self.stdout.write(json.dumps(summary, ensure_ascii=False))
            return
        self.stdout.write(f"As of {report.as_of}{' (dry run, nothing written)' if report.run is None else ''}:")
        for code, count in counts.items():
            self.stdout.write(f"  {code:28}" + "".join(f" {name} {number:>7,}" for name, number in count.items()))
