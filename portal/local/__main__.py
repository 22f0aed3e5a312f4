"""python -m portal.local COMMAND

start      start the private PostgreSQL and Valkey and keep them running
stop       stop them once nobody uses them any more
status     say what runs
run CMD…   run a command with the services at hand; what was started for it is stopped again
demo       run the registry on http://127.0.0.1:8000 (or $PORT) until Ctrl-C

A service that DATABASE_URL or REDIS_URL names is used instead of a private one.
"""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator

from portal.local import environment
from portal.local.errors import Trouble
from portal.local.keeping import Desk, locked
from portal.local.places import VAR, private_folder
from portal.local.postgres import Postgres
from portal.local.processes import die_with_parent, stop
from portal.local.valkey import Valkey

SERVICES = {"DATABASE_URL": "postgres", "REDIS_URL": "valkey"}


def needed() -> list[Desk]:
    """The desks of the private services, without those that the environment already names."""
    return [Desk(service) for variable, service in SERVICES.items() if not os.environ.get(variable)]


def note_where_they_are() -> None:
    found = {}
    if not os.environ.get("DATABASE_URL"):
        found["DATABASE_URL"] = Postgres().url()
    if not os.environ.get("REDIS_URL"):
        found["REDIS_URL"] = Valkey().url()
    with locked(private_folder(VAR) / "local.env.lock"):
        environment.write(found)


@contextlib.contextmanager
def services() -> Iterator[None]:
    """Have every private service running and written down in `var/local.env`."""
    with contextlib.ExitStack() as leases:
        for desk in needed():
            leases.enter_context(desk.lease())
        note_where_they_are()
        yield


def start() -> int:
    with services():
        for desk in needed():
            desk.kept.touch()
    return status()


def end() -> int:
    for service in SERVICES.values():
        desk = Desk(service)
        desk.kept.unlink(missing_ok=True)
        desk.wait_until_stopped()
    return status()


def status() -> int:
    for service in SERVICES.values():
        desk = Desk(service)
        state = f"runs, {desk.users()} in use" if desk.is_running() else "does not run"
        print(f"{service}: {state}{', kept' if desk.kept.exists() else ''}")
    return 0


def run(command: list[str]) -> int:
    """The command's exit code. Ctrl-C goes to the command; we wait for it and then stop the services."""
    with services():
        process = subprocess.Popen(command, preexec_fn=die_with_parent(signal.SIGTERM))
        try:
            return process.wait()
        except KeyboardInterrupt:
            return process.wait()
        finally:
            stop(process)


def interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def main(arguments: list[str]) -> int:
    signal.signal(signal.SIGTERM, interrupt)
    if "MAKELEVEL" in os.environ:
        die_with_parent(signal.SIGTERM)()
    match arguments:
        case ["start"]:
            return start()
        case ["stop"]:
            return end()
        case ["status"]:
            return status()
        case ["run", _, *_]:
            return run(arguments[1:])
        case _:
            print(__doc__)
            return 0 if arguments in (["help"], ["--help"]) else 2


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Trouble as trouble:
        sys.exit(str(trouble))
    except KeyboardInterrupt:
        sys.exit(130)
