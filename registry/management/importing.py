"""What the commands that import files have in common."""

import csv
import json
from pathlib import Path
from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone, translation

from registry import reports
from registry.accounts.models import User
from registry.actions import imports
from registry.core.errors import Refusal
from registry.models import ImportJob
from registry.states import ImportState
from registry.ui.exports import BYTE_ORDER_MARK, neutralised

ERRORS_SHOWN = 100


class ImportCommand(BaseCommand):
    """Works a file at once. Exit code 0: loaded, or checked and nothing to refuse; 1: not."""

    kind: ClassVar[str]

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="a CSV or XLSX file")
        parser.add_argument(
            "--mapping", required=True, help=f"a TOML file, or one of: {', '.join(self.stored.stored_mappings())}"
        )
        parser.add_argument("--dry-run", action="store_true", help="check only, load nothing")
        parser.add_argument("--accept-valid", action="store_true", help="load the good rows and hand back the rest")
        if self.stored.may_be_complete:
            parser.add_argument(
                "--complete", action="store_true", help="it is the whole register: who is not in it is struck off"
            )
        parser.add_argument("--errors", type=Path, metavar="OUT.csv", help="write the refused rows to this file")
        parser.add_argument("--by", metavar="USERNAME", help="the person who imports; otherwise the operator")
        parser.add_argument("--format", choices=["text", "json"], default="text")

    def execute(self, *arguments: Any, **options: Any) -> str | None:
        """Speak English, as all commands do: few terminals can show Khmer."""
        with translation.override("en"):
            return super().execute(*arguments, **options)

    def handle(
        self,
        *,
        file: Path,
        mapping: str,
        dry_run: bool,
        accept_valid: bool,
        errors: Path | None,
        by: str | None,
        format: str,
        complete: bool = False,
        **_: Any,
    ) -> None:
        if not file.is_file():
            raise CommandError(f"There is no file {file}.")
        try:
            job = imports.stage(
                kind=self.kind,
                file_name=file.name,
                file=None,
                mapping=self.mapping(mapping),
                dry_run=dry_run,
                accept_valid=accept_valid,
                is_complete=complete,
                by=self.person(by),
                at=timezone.now(),
            )
        except Refusal as refusal:
            raise CommandError(refusal.sentence) from refusal
        more = imports.work(job=job, at=timezone.now(), path=file)
        if errors:
            self.write_errors(job, errors)
        self.write(job, more, format)
        good = job.state != ImportState.REFUSED and (accept_valid or not job.refused)
        if not good:
            raise SystemExit(1)

    @property
    def stored(self) -> imports.Kind:
        return imports.KINDS[self.kind]

    def mapping(self, named: str) -> str:
        path = Path(named)
        if path.is_file():
            try:
                return path.read_text("utf-8")
            except UnicodeDecodeError as error:
                raise CommandError(f"The mapping {named} is not UTF-8.") from error
        if named in self.stored.stored_mappings():
            return self.stored.stored_mapping(named)
        raise CommandError(f"There is no mapping {named}.")

    def person(self, username: str | None) -> User | None:
        if username is None:
            return None
        try:
            return User.objects.get(username=username, is_active=True)
        except User.DoesNotExist as error:
            raise CommandError(f"There is no active person {username}.") from error

    def write(self, job: ImportJob, more: dict[str, int], format: str) -> None:
        counts = {
            "rows": job.rows,
            "created": job.created,
            "updated": job.updated,
            "unchanged": job.unchanged,
            "refused": job.refused,
            "duplicates": job.duplicates,
            **({"withdrawn": job.withdrawn} if job.is_complete else {}),
            **more,
        }
        errors = reports.row_errors(job, most=ERRORS_SHOWN)
        if format == "json":
            summary = {"import": str(job.pk), "state": job.state, **counts, "failure": job.failure, "errors": errors}
            self.stdout.write(json.dumps(summary, ensure_ascii=False))
            return
        self.stdout.write(f"{job.file_name}: {job.get_state_display()}")
        for name, count in counts.items():
            self.stdout.write(f"  {name:20} {count:>9,}")
        if job.failure:
            self.stdout.write(job.failure)
        for error in errors:
            self.stdout.write(f"  {error['row']}: {reports.told(error)}")

    def write_errors(self, job: ImportJob, path: Path) -> None:
        headings, rows = reports.error_file(job)
        with path.open("w", encoding="utf-8", newline="") as file:
            file.write(BYTE_ORDER_MARK)
            writer = csv.writer(file)
            writer.writerow(headings)
            writer.writerows([cell if isinstance(cell, int) else neutralised(cell) for cell in row] for row in rows)
