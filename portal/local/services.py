"""Having the services at hand: private ones, or those that DATABASE_URL and REDIS_URL name."""

import contextlib
import os
import shutil
from collections.abc import Iterator

import environ
import psycopg2

from portal.local import environment
from portal.local.errors import Trouble
from portal.local.keeping import Desk, locked
from portal.local.places import HOUSE, VAR, private_folder
from portal.local.postgres import ROLES, Postgres, home
from portal.local.valkey import Valkey

SERVICES = {"DATABASE_URL": "postgres", "REDIS_URL": "valkey"}


def desks() -> list[Desk]:
    return [Desk(service) for service in SERVICES.values()]


def needed() -> list[Desk]:
    """The desks of the private services, without those that the environment already names."""
    return [Desk(service) for variable, service in SERVICES.items() if not os.environ.get(variable)]


@contextlib.contextmanager
def services() -> Iterator[None]:
    """Have every private service running and written down in `var/local.env`."""
    with contextlib.ExitStack() as leases:
        for desk in needed():
            leases.enter_context(desk.lease())
        if url := os.environ.get("DATABASE_URL"):
            check_roles(url)
        note_where_they_are()
        yield


def note_where_they_are() -> None:
    found = {}
    if not os.environ.get("DATABASE_URL"):
        found["DATABASE_URL"] = Postgres().url()
    if not os.environ.get("REDIS_URL"):
        found["REDIS_URL"] = Valkey().url()
    with locked(private_folder(VAR) / "local.env.lock"):
        environment.write(found)


def check_roles(url: str) -> None:
    """Raises Trouble unless the database of DATABASE_URL answers and its user may work as the application role."""
    place = environ.Env.db_url_config(url)
    wanted = os.environ.get("APPLICATION_ROLE", "registry_application")
    try:
        connection = psycopg2.connect(
            host=place["HOST"], port=place["PORT"], user=place["USER"], password=place["PASSWORD"], dbname=place["NAME"]
        )
        with contextlib.closing(connection), connection.cursor() as cursor:
            cursor.execute("SELECT pg_has_role(%s, 'MEMBER')", [wanted])
    except psycopg2.OperationalError as error:
        raise Trouble(f"The database of DATABASE_URL does not answer: {str(error).strip()}") from error
    except psycopg2.errors.UndefinedObject as error:
        file = ROLES.relative_to(HOUSE)
        raise Trouble(f"The database of DATABASE_URL lacks the role {wanted}: run {file} there first.") from error


def throw_away() -> None:
    """Delete the private services' data. Raises Trouble while anybody uses it."""
    for desk in desks():
        if desk.users():
            raise Trouble(f"The private {desk.service} server is in use; stop what uses it first (Ctrl-C).")
        desk.kept.unlink(missing_ok=True)
        desk.wait_until_stopped()
    for folder in (home() / "postgres", VAR / "valkey", VAR / "media"):
        shutil.rmtree(folder, ignore_errors=True)
    if os.environ.get("DATABASE_URL"):
        print("The database that DATABASE_URL names was left alone.")
