"""What can be imported. A floor above adds its kind when the registry starts; the rest is the same for all."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connection
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from registry.core.mappings import CellRefused, FileOptions, Section
from registry.models import ImportJob
from registry.permissions import check_may_import


@dataclass
class Counts:
    """What became of the rows, or would become of them."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    duplicates: int = 0
    withdrawn: int = 0
    """In the register, and no longer in a file that is the whole of it."""


class Load(ABC):
    """One mapping at work: what a row means, and the statements that compare all rows with the register.

    The rows wait in the temporary table `import_staged`, so that neither memory nor the register holds them
    before the last one is checked. Every Load has there: row_number, original (column and cell in pairs),
    action ('create', 'update', 'unchanged'), fault (a code), detail, candidates.
    """

    options: FileOptions
    needed_columns: set[str]
    staged_columns: tuple[str, ...]
    tables: tuple[str, ...] = ("import_staged",)

    def __init__(self, *, job: ImportJob, at: datetime) -> None:
        self.job = job
        self.by = job.requested_by
        self.at = at
        self.day = timezone.localdate(at)

    @abstractmethod
    def prepare(self, mapping: Section) -> None:
        """Read the mapping to its end. Raises MappingRefused."""

    @abstractmethod
    def create_tables(self) -> None:
        """Create `import_staged` for this kind of row, and what else is named in `tables`."""

    def drop_tables(self) -> None:
        self.run(f"DROP TABLE IF EXISTS {', '.join(self.tables)}")

    def run(self, statement: str, values: Mapping[str, Any] | None = None) -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement, values)

    @abstractmethod
    def row(self, cells: Mapping[str, str]) -> tuple[list[Any], list[CellRefused]]:
        """The values of `staged_columns`, or why the row is refused."""

    @abstractmethod
    def compare(self) -> None:
        """Set fault or action of every staged row, with the rows of the register that will change locked."""

    @abstractmethod
    def counts(self) -> Counts:
        """Counts of the staged rows without fault."""

    @abstractmethod
    def load(self) -> None:
        """Write the staged rows without fault."""

    def more(self) -> dict[str, int]:
        """What else is counted, by name."""
        return {}

    @abstractmethod
    def fault(self, code: str, detail: str) -> tuple[str, str]:
        """The column and the sentence of a fault that `compare` found."""


@dataclass(frozen=True)
class Kind:
    """One kind of import: its name for people, its stored mappings, and the Load that does it."""

    code: str
    name: Promise
    mappings: Path
    load: type[Load]
    check_may_import: Callable[[Any], None] = check_may_import
    may_be_complete: bool = False
    """Whether a file can be the whole register, so that who is not in it has left."""

    def stored_mappings(self) -> dict[str, str]:
        """The mapping files that come with the register: file name without ending, and title."""
        found = {path.stem: Section.parse(path.read_text("utf-8")) for path in sorted(self.mappings.glob("*.toml"))}
        return {stem: section.text("title", stem) for stem, section in found.items()}

    def stored_mapping(self, stem: str) -> str:
        return (self.mappings / f"{stem}.toml").read_text("utf-8")


KINDS: dict[str, Kind] = {}


def offer(kind: Kind) -> None:
    """Make a kind of import known to commands and pages."""
    KINDS[kind.code] = kind


def kind_of(mapping: Section, *, wanted: str = "") -> Kind:
    """The kind that the mapping names, which has to be the one that is wanted. Raises MappingRefused."""
    code = mapping.text("kind")
    mapping.text("title", "")
    if code not in KINDS or (wanted and code != wanted):
        raise mapping.refusal("kind", wanted or _("one of: %(kinds)s") % {"kinds": ", ".join(KINDS)})
    return KINDS[code]


def prepared(*, job: ImportJob, at: datetime) -> Load:
    """The Load for a job, its mapping read. Raises MappingRefused."""
    mapping = Section.parse(job.mapping)
    load = kind_of(mapping).load(job=job, at=at)
    load.prepare(mapping)
    mapping.finish()
    return load
