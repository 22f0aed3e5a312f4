"""Fill a database of synthetic facilities and print each ratio beside its goal."""

import os
import sys
from itertools import chain

import environ
import psycopg2

SIZE = int(os.environ.get("FACILITIES", "100000"))


def use_database(facilities: int) -> None:
    """Point the settings at a database of its own size, made where it is not there yet."""
    environ.Env.read_env("var/local.env")
    url = environ.Env().db_url("DATABASE_URL")
    name = f"registry_bench_{facilities}"
    login = {"user": url["USER"], "host": url["HOST"], "port": url["PORT"] or None, "password": url["PASSWORD"] or None}
    connection = psycopg2.connect(dbname="postgres", **{key: value for key, value in login.items() if value})
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if cursor.fetchone() is None:
            cursor.execute(f'CREATE DATABASE "{name}"')
    connection.close()
    start, _, query = os.environ["DATABASE_URL"].partition("?")
    os.environ["DATABASE_URL"] = start.rsplit("/", 1)[0] + "/" + name + (f"?{query}" if query else "")
    os.environ["DJANGO_SETTINGS_MODULE"] = "portal.settings"


def main() -> None:
    facilities = int(sys.argv[1]) if len(sys.argv) > 1 else SIZE
    use_database(facilities)
    import django

    django.setup()
    from django.core.management import call_command

    from tests.benchmarks import fill, sweep

    call_command("migrate", database="owner", verbosity=0)
    fill.fill(facilities)
    print(f"\n{facilities:,} facilities", flush=True)
    if len(sys.argv) > 2 and sys.argv[2] == "next-day":
        print(f"next-day sweep: {sweep.next_day_seconds():.4f}")
        return
    from tests.benchmarks import certificates, search, visits

    results = []
    for result in chain(sweep.measure(facilities), search.measure(), visits.measure(), certificates.measure()):
        print(result, flush=True)
        results.append(result)
    missed = [result for result in results if not result.reached]
    print(f"\n{len(results) - len(missed)} of {len(results)} goals reached")
    sys.exit(1 if missed else 0)


main()
