"""python -m portal.local COMMAND

start      start the private PostgreSQL and Valkey and keep them running
stop       stop them once nobody uses them any more
status     say what runs
run CMD…   run a command with the services at hand; what was started for it is stopped again
demo       run the registry with demonstration data on http://127.0.0.1:8000 (or $PORT) until Ctrl-C
reset      throw the private services' data away

A service that DATABASE_URL or REDIS_URL names is used instead of a private one.
"""

import contextlib
import os
import signal
import subprocess
import sys

from portal.local.demo import demo, only_one
from portal.local.errors import Trouble
from portal.local.processes import die_with_parent, stop
from portal.local.services import desks, needed, services, throw_away

SECONDS_TO_END = 20


def start() -> int:
    with services():
        for desk in needed():
            desk.kept.touch()
    return status()


def end() -> int:
    for desk in desks():
        desk.kept.unlink(missing_ok=True)
        desk.wait_until_stopped()
    return status()


def status() -> int:
    for desk in desks():
        state = f"runs, {desk.users()} in use" if desk.is_running() else "does not run"
        print(f"{desk.service}: {state}{', kept' if desk.kept.exists() else ''}")
    return 0


def reset() -> int:
    with only_one():
        throw_away()
    return 0


def run(command: list[str]) -> int:
    """The command's exit code. Ctrl-C reaches the command as well; one that does not end by itself is made to."""
    with services():
        process = subprocess.Popen(command, preexec_fn=die_with_parent(signal.SIGTERM))
        signal.signal(signal.SIGTERM, lambda *_: process.terminate())
        try:
            return process.wait()
        except KeyboardInterrupt:
            with contextlib.suppress(subprocess.TimeoutExpired):
                return process.wait(SECONDS_TO_END)
            return 130
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
        case ["demo"]:
            return demo()
        case ["reset"]:
            return reset()
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
