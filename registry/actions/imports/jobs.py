"""The life of an import: staged by a person, worked by a command or the queue, loaded whole or not at all."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from django.core.files import File
from django.db import connection, transaction
from django.utils.translation import gettext as _

from registry.accounts.models import User
from registry.actions.imports.kinds import KINDS, Counts, Kind, Load, kind_of, prepared
from registry.actions.imports.staging import note_duplicates, note_faults, stage_rows
from registry.audit import actions as audit
from registry.core.errors import Refusal, Refused
from registry.core.mappings import Columns, Section
from registry.core.tables import FileRefused, open_table
from registry.models import ImportJob, ImportRow
from registry.states import ImportState

logger = logging.getLogger(__name__)

CHUNK = 1_000
ONE_LOAD_AT_A_TIME = 7_300_001
"""Advisory lock: two loads may hold the same new identifier, and each would think it is the first."""


@transaction.atomic
def stage(
    *,
    kind: str = "",
    file_name: str,
    file: File | None,
    mapping: str,
    dry_run: bool,
    accept_valid: bool,
    is_complete: bool = False,
    by: User | None,
    at: datetime,
) -> ImportJob:
    """Take in a file and a mapping, to be worked later. `by` None: the operator of the machine.

    `file` is kept for the worker; a command that works its own file gives None.
    `is_complete`: it is the whole register, and whoever is not in it has left.
    Raises NotPermitted, Refused, and MappingRefused for a mapping that cannot be used or, where `kind` is given, is of
    another.
    """
    known = kind_of(Section.parse(mapping), wanted=kind)
    if by is not None:
        known.check_may_import(by)
    check_can_be_complete(known, is_complete=is_complete, accept_valid=accept_valid)
    job = ImportJob(
        kind=known.code,
        file_name=file_name[-255:],
        mapping=mapping,
        dry_run=dry_run,
        accept_valid=accept_valid,
        is_complete=is_complete,
        requested_by=by,
        requested_at=at,
    )
    prepared(job=job, at=at)
    if file is not None:
        job.file.save(f"{job.pk}{Path(file_name).suffix[:10]}", file, save=False)
    job.save(force_insert=True)
    return job


@transaction.atomic
def load_checked(*, job: ImportJob, accept_valid: bool, by: User, at: datetime) -> ImportJob:
    """Send a file that was only checked back to be loaded. Raises NotPermitted, Refused."""
    job = ImportJob.objects.select_for_update().get(pk=job.pk)
    known = KINDS[job.kind]
    known.check_may_import(by)
    check_can_be_complete(known, is_complete=job.is_complete, accept_valid=accept_valid)
    if job.state != ImportState.CHECKED or not job.file:
        raise Refused(_("Only a file that was checked and is still here can be loaded."), code="not_checked")
    job.dry_run = False
    job.accept_valid = accept_valid
    job.requested_by = by
    job.requested_at = at
    job.state = ImportState.STAGED
    job.finished_at = None
    job.save()
    return job


def check_can_be_complete(kind: Kind, *, is_complete: bool, accept_valid: bool) -> None:
    """Whoever stands in a refused row has not left the register: a whole register is loaded whole."""
    if is_complete and not kind.may_be_complete:
        raise Refused(_("Files of this kind are never the whole register."), code="never_complete")
    if is_complete and accept_valid:
        raise Refused(
            _("A file that is the whole register is loaded only if every row is right."), code="complete_not_whole"
        )


def work(*, job: ImportJob, at: datetime, path: Path | None = None) -> dict[str, int]:
    """Read, check and load a staged file; the job afterwards says what came of it, and the answer what else is counted.

    Safe to run twice, and again after a kill: one session works a job at a time, whatever an earlier run noted is
    forgotten, and the load is one transaction that also marks the job as loaded. Progress is committed outside it.
    """
    with _alone_with(job) as alone:
        job.refresh_from_db()
        if not alone or job.state not in (ImportState.STAGED, ImportState.READING):
            return {}
        job.noted_rows.all().delete()
        _save(job, state=ImportState.READING, rows=0, rows_done=0, refused=0, failure="", **asdict(Counts()))
        more: dict[str, int] = {}
        try:
            more = _carry_out(job, path or Path(job.file.path), at)
        except Refusal as refusal:
            _refuse_file(job, refusal, at)
        except Exception:
            logger.exception("import.failed", extra={"job": str(job.pk)})
            fault = _("The register could not load the file because of a fault of its own. Nothing was loaded.")
            _refuse_file(job, Refused(fault, code="fault"), at)
        if job.file and job.state != ImportState.CHECKED:
            job.file.delete(save=True)
    return more


def _carry_out(job: ImportJob, path: Path, at: datetime) -> dict[str, int]:
    load = prepared(job=job, at=at)
    try:
        _read(job, load, path)
        return _compare_and_load(job, load, at)
    finally:
        load.drop_tables()


def _compare_and_load(job: ImportJob, load: Load, at: datetime) -> dict[str, int]:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_LOAD_AT_A_TIME])
        load.compare()
        job.refused += note_faults(job, load)
        counts, more = load.counts(), load.more()
        whole = not job.refused or job.accept_valid
        counts.duplicates = note_duplicates(job)
        if job.dry_run:
            state = ImportState.CHECKED
        elif not whole:
            state, counts, more = ImportState.REFUSED, Counts(duplicates=counts.duplicates), {}
        else:
            state = ImportState.LOADED
            load.load()
            with connection.cursor() as cursor:
                # Foreign keys are checked at the end, perhaps by plans that this session made for almost empty tables.
                cursor.execute("DISCARD PLANS")
        _save(job, state=state, refused=job.refused, finished_at=at, **asdict(counts))
        if state == ImportState.LOADED:
            facts = {"rows": job.rows, "refused": job.refused, **asdict(counts), **more}
            if not job.is_complete:
                del facts["withdrawn"]
            audit.record(verb="import.loaded", subject=job, by=job.requested_by, at=at, facts=facts)
    return more


def _read(job: ImportJob, load: Load, path: Path) -> None:
    """Stage every row of the file that can be understood, and note the others; a commit for every thousand."""
    options = load.options
    load.create_tables()
    with open_table(
        path,
        encoding=options.encoding,
        separator=options.separator,
        sheet=options.sheet,
        header_row=options.header_row,
    ) as table:
        columns = Columns(table.header, load.needed_columns)
        rows = table.rows()
        read = refused = 0
        while chunk := list(islice(rows, CHUNK)):
            refused += stage_rows(job, load, columns, chunk)
            read += len(chunk)
            _save(job, rows=max(read, table.expected_rows), rows_done=read, refused=refused)
    _save(job, rows=read)
    if not read:
        raise FileRefused(_("The file has no rows under the names of its columns."), code="no_rows")


def _refuse_file(job: ImportJob, refusal: Refusal, at: datetime) -> None:
    with transaction.atomic():
        if isinstance(refusal, FileRefused) and refusal.row is not None:
            error = {"column": refusal.column, "code": refusal.code, "sentence": refusal.sentence}
            job.noted_rows.filter(row_number=refusal.row).delete()
            ImportRow.objects.create(job=job, row_number=refusal.row, values=[], errors=[error])
        _save(job, state=ImportState.REFUSED, failure=refusal.sentence, finished_at=at, **asdict(Counts()))


def _save(job: ImportJob, **values: Any) -> None:
    for name, value in values.items():
        setattr(job, name, value)
    job.save(update_fields=list(values))


@contextmanager
def _alone_with(job: ImportJob) -> Iterator[bool]:
    """Whether this session is the only one that works the job; the lock falls with the session that dies."""
    key = job.pk.int % 2**63
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [key])
        alone = bool(cursor.fetchone()[0])
    try:
        yield alone
    finally:
        if alone:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [key])
