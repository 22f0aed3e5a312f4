"""The keeper of one local service: `python -m portal.local.keeper postgres`, started by `Desk.open_up`."""

import contextlib
import os
import signal
import subprocess
import sys
import time

from portal.local.errors import Trouble
from portal.local.keeping import Desk, locked
from portal.local.postgres import Postgres
from portal.local.processes import Server, die_with_parent
from portal.local.valkey import Valkey

SERVERS: dict[str, type[Server]] = {"postgres": Postgres, "valkey": Valkey}
SECONDS_BETWEEN_LOOKS = 0.3


def keep(service: str) -> None:
    """Run the server until nobody wants it, or we are told to go, or it dies by itself."""
    desk, server = Desk(service), SERVERS[service]()
    with locked(desk.keeper, wait=False):
        server.prepare()
        process = subprocess.Popen(
            server.command(),
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr,
            preexec_fn=die_with_parent(server.stop_signal),
        )
        try:
            server.wait_until_ready(process)
            say("ready")
            while process.poll() is None:
                time.sleep(SECONDS_BETWEEN_LOOKS)
                if not desk.is_wanted() and stop_unless_wanted(desk, server, process):
                    return
        finally:
            server.stop(process)


def stop_unless_wanted(desk: Desk, server: Server, process: "subprocess.Popen[bytes]") -> bool:
    """Stop the server behind a closed door, so that nobody comes in meanwhile; True when it was stopped."""
    with contextlib.suppress(BlockingIOError), locked(desk.door, wait=False):
        if not desk.is_wanted():
            server.stop(process)
            return True
    return False


def say(word: str) -> None:
    """One word to whoever started us; then we are on our own."""
    print(word, flush=True)
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def leave(*_: object) -> None:
    sys.exit(0)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, leave)
    try:
        keep(sys.argv[1])
    except Trouble as trouble:
        say(str(trouble))
        sys.exit(1)
