"""A database with all migrations applied, made once for each state of them; test databases are copies of it."""

import hashlib
from pathlib import Path

from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper

PREFIX = "migrated_"
LOCK = 20_261_122


def template(connection: BaseDatabaseWrapper) -> str:
    """The name of the database to copy; whoever needs it first makes it, and removes those of other migrations."""
    name = PREFIX + fingerprint()
    wanted = connection.settings_dict["TEST"]["NAME"]
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", [f"{PREFIX}%"])
        found = {row[0] for row in cursor.fetchall()}
        if name not in found:
            _make(connection, name)
            connection.settings_dict["TEST"]["NAME"] = wanted
            for old in found:
                cursor.execute(f'DROP DATABASE IF EXISTS "{old}"')
    return name


def fingerprint() -> str:
    """Of all migrations, and of what is done after them."""
    base = Path(settings.BASE_DIR)
    files = [
        *base.glob("*/migrations/*.py"),
        *base.glob("registry/*/migrations/*.py"),
        base / "portal/privileges.py",
        base / "requirements.lock",
    ]
    digest = hashlib.sha256()
    for file in sorted(files):
        digest.update(file.read_bytes() if file.exists() else b"")
    return digest.hexdigest()[:16]


def _make(connection: BaseDatabaseWrapper, name: str) -> None:
    """Under another name until it is whole, so that one that was left half-way is never copied."""
    real = connection.settings_dict["NAME"]
    unfinished = connection.settings_dict["TEST"]["NAME"] = f"unfinished_{name}"
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    connection.close()
    settings.DATABASES[connection.alias]["NAME"] = connection.settings_dict["NAME"] = real
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'ALTER DATABASE "{unfinished}" RENAME TO "{name}"')
