"""What the local servers and the supervisor have in common: children that end when their parent does."""

import ctypes
import signal
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Callable

from portal.local.errors import Trouble

PR_SET_PDEATHSIG = 1
SECONDS_TO_START = 60
SECONDS_TO_STOP = 30

libc = ctypes.CDLL(None)


def die_with_parent(with_signal: signal.Signals) -> Callable[[], None]:
    """For `preexec_fn`: the kernel sends the child this signal when its parent dies, however it dies."""
    return lambda: libc.prctl(PR_SET_PDEATHSIG, with_signal)


def stop(process: "subprocess.Popen[bytes]", with_signal: signal.Signals = signal.SIGTERM) -> None:
    """Ask a process to end; after half a minute, make it."""
    if process.poll() is None:
        process.send_signal(with_signal)
        try:
            process.wait(SECONDS_TO_STOP)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


class Server(ABC):
    """A server that a keeper can run."""

    stop_signal = signal.SIGTERM

    @abstractmethod
    def prepare(self) -> None:
        """Make the folders and files it needs; raises Trouble when the machine lacks something."""

    @abstractmethod
    def command(self) -> list[str]: ...

    @abstractmethod
    def is_ready(self) -> bool:
        """Whether it answers; what it must hold before anyone uses it is made here."""

    def stop(self, process: "subprocess.Popen[bytes]") -> None:
        stop(process, self.stop_signal)

    def wait_until_ready(self, process: "subprocess.Popen[bytes]") -> None:
        deadline = time.monotonic() + SECONDS_TO_START
        while not self.is_ready():
            if process.poll() is not None or time.monotonic() > deadline:
                name = type(self).__name__.lower()
                raise Trouble(f"The private {name} server did not start; the end of var/{name}.log says why.")
            time.sleep(0.05)
