"""Where the local services keep their things."""

import hashlib
import os
import tempfile
from pathlib import Path

HOUSE = Path(__file__).resolve().parents[2]
VAR = HOUSE / "var"
ENV_FILE = VAR / "local.env"

SOCKET_PATH_LIMIT = 90
"""The kernel takes 107 bytes, of which PostgreSQL wants 14 for the name of its socket."""


def house_mark() -> str:
    """Eight hex digits that tell this working copy from any other on the machine."""
    return hashlib.sha256(os.fsencode(HOUSE)).hexdigest()[:8]


def private_folder(path: Path) -> Path:
    """Make `path` a folder that only its owner can enter."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.chmod(0o700)
    return path


def private_folder_outside(name: str, parent: Path | None = None) -> Path:
    """A private folder of this working copy elsewhere on the machine, refused when it is somebody else's."""
    path = (parent or Path(tempfile.gettempdir())) / f"registry-{os.getuid()}-{house_mark()}-{name}"
    path.mkdir(mode=0o700, exist_ok=True)
    if path.is_symlink() or path.stat().st_uid not in (os.getuid(), 65534):
        raise PermissionError(f"{path} belongs to someone else")
    return path


def socket_folder() -> Path:
    """`var/run`, or a folder elsewhere where that path is too long, or would be two paths to PostgreSQL's library."""
    folder = VAR / "run"
    fits = len(os.fsencode(folder)) <= SOCKET_PATH_LIMIT and "," not in str(folder)
    return folder if fits else private_folder_outside("run")
