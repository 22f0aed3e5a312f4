"""The registry with demonstration data: the web server, the worker and the clock, until Ctrl-C."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator

from portal.local.errors import Trouble
from portal.local.keeping import locked
from portal.local.places import HOUSE, VAR, private_folder
from portal.local.processes import die_with_parent, stop
from portal.local.services import services

SECONDS_TO_ANSWER = 60


def demo() -> int:
    """Prepare and run; returns when stopped. Raises Trouble when it cannot start or one of its programs ends."""
    with contextlib.ExitStack() as held:
        held.enter_context(only_one())
        port = free_port(os.environ.get("PORT", "8000"))
        held.enter_context(services())
        os.environ.setdefault("LOG_LEVEL", "WARNING")
        accounts = prepare()
        programs = {name: launch(command) for name, command in commands(port).items()}
        try:
            wait_until_it_answers(port, programs)
            print(f"\n{accounts}\nThe registry is on http://127.0.0.1:{port} - Ctrl-C stops it.", flush=True)
            while True:
                check_all_run(programs)
                time.sleep(0.5)
        except KeyboardInterrupt:
            print("\nStopping …", flush=True)
            return 0
        finally:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            for program in programs.values():
                program.send_signal(signal.SIGTERM)
            for program in programs.values():
                stop(program)


@contextlib.contextmanager
def only_one() -> Iterator[None]:
    """Raises Trouble when a demonstration already runs in this working copy."""
    with contextlib.ExitStack() as held:
        try:
            held.enter_context(locked(private_folder(VAR) / "demo.lock", wait=False))
        except BlockingIOError:
            raise Trouble("The demonstration already runs in this folder; stop it there with Ctrl-C first.") from None
        yield


def free_port(named: str) -> int:
    if not named.isdecimal() or not 0 < int(named) < 65536:
        raise Trouble(f"PORT={named} is not a port number; take one between 1024 and 65535.")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(named)))
        except PermissionError:
            raise Trouble(f"Port {named} needs root; take one above 1023, for example: PORT=8001 make demo") from None
        except OSError:
            raise Trouble(f"Port {named} is in use; take another one, for example: PORT=8001 make demo") from None
    return int(named)


def prepare() -> str:
    """Bring database and data up to date, quick when they are; returns what is to be said about the accounts."""
    command = [sys.executable, str(HOUSE / "manage.py"), "prepare_demonstration"]
    process = subprocess.Popen(
        command, cwd=HOUSE, stdout=subprocess.PIPE, text=True, preexec_fn=die_with_parent(signal.SIGTERM)
    )
    accounts, _ = process.communicate()
    if process.returncode:
        raise Trouble("The demonstration could not be prepared; the lines above say why.")
    return accounts


def commands(port: int) -> dict[str, list[str]]:
    python = [sys.executable, "-m"]
    return {
        "web": [
            *python, "gunicorn", "portal.wsgi", "--bind", f"127.0.0.1:{port}", "--worker-class", "gthread",
            "--workers", "2", "--threads", "4", "--no-control-socket", "--log-level", "warning",
        ],
        "worker": [
            *python, "celery", "--app", "portal", "--quiet", "worker", "--concurrency", "2", "--without-gossip",
            "--without-mingle", "--loglevel", "WARNING",
        ],
        "beat": [*python, "celery", "--app", "portal", "--quiet", "beat", "--pidfile=", "--loglevel", "WARNING"],
    }  # fmt: skip


def launch(command: list[str]) -> "subprocess.Popen[bytes]":
    """In a session of its own, so that Ctrl-C reaches us alone and each program is asked to end once."""
    environment = os.environ | {"PYTHONWARNINGS": "ignore:You're running the worker with superuser privileges"}
    return subprocess.Popen(
        command,
        cwd=HOUSE,
        env=environment,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=die_with_parent(signal.SIGTERM),
    )


def check_all_run(programs: dict[str, "subprocess.Popen[bytes]"]) -> None:
    for name, program in programs.items():
        if program.poll() is not None:
            raise Trouble(f"The {name} ended by itself (code {program.returncode}); the lines above say why.")


def wait_until_it_answers(port: int, programs: dict[str, "subprocess.Popen[bytes]"]) -> None:
    deadline = time.monotonic() + SECONDS_TO_ANSWER
    while True:
        check_all_run(programs)
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5)
            return
        except urllib.error.HTTPError:
            return  # it answers; what is wrong the page itself says
        except OSError as error:
            if time.monotonic() > deadline:
                raise Trouble(f"The registry did not answer within {SECONDS_TO_ANSWER} seconds.") from error
            time.sleep(0.2)
