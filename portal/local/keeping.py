"""Who uses a local service, and the keeper that runs it for as long as somebody does.

Each service has a keeper: a detached process that starts the server, and stops it once nobody holds a lease and
nobody asked to keep it. A lease is a locked file, so that the lease of a killed process ends by itself.
"""

import contextlib
import fcntl
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from portal.local.errors import Trouble
from portal.local.places import HOUSE, VAR, private_folder

SECONDS_TO_STOP = 60


class Desk:
    """The files by which the users of one service and its keeper understand each other."""

    def __init__(self, service: str) -> None:
        self.service = service
        self.folder = private_folder(VAR) / "desks" / service
        self.door = self.folder / "door.lock"
        """Held while a service is being started or stopped."""
        self.keeper = self.folder / "keeper.lock"
        """Held by the keeper for as long as it lives."""
        self.kept = self.folder / "kept"
        """There when the service is to run without users."""
        private_folder(self.folder)

    def is_running(self) -> bool:
        return is_locked(self.keeper)

    def users(self) -> int:
        return sum(is_locked(lease) for lease in self.folder.glob("*.lease"))

    def is_wanted(self) -> bool:
        return self.kept.exists() or self.users() > 0

    def open_up(self) -> None:
        """Start the service unless it runs. Raises Trouble with the keeper's sentence when it cannot."""
        if self.is_running():
            return
        log = VAR / f"{self.service}.log"
        with log.open("a") as errors:
            keeper = subprocess.Popen(
                [sys.executable, "-m", "portal.local.keeper", self.service],
                cwd=HOUSE,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                start_new_session=True,
                text=True,
            )
        assert keeper.stdout
        word = keeper.stdout.readline().strip()
        if word != "ready":
            raise Trouble(word or f"The private {self.service} server did not start; {log} says why.")

    @contextlib.contextmanager
    def lease(self) -> Iterator[None]:
        """Have the service running inside the block; the last one out waits until it has stopped."""
        mine = self.folder / f"{os.getpid()}.lease"
        with contextlib.ExitStack() as held:
            with locked(self.door):
                held.enter_context(locked(mine))
                held.callback(mine.unlink, missing_ok=True)
                self.open_up()
            yield
        self.wait_until_stopped()

    def wait_until_stopped(self) -> None:
        deadline = time.monotonic() + SECONDS_TO_STOP
        while self.is_running() and not self.is_wanted():
            if time.monotonic() > deadline:
                raise Trouble(f"The private {self.service} server is still running after {SECONDS_TO_STOP} seconds.")
            time.sleep(0.05)


@contextlib.contextmanager
def locked(path: Path, *, wait: bool = True) -> Iterator[None]:
    """Hold the lock on a file. Raises BlockingIOError when another holds it and we are not to wait."""
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        yield


def is_locked(path: Path) -> bool:
    try:
        with path.open("r") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        return False
    return False
