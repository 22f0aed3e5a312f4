"""Codes by which somebody without an account comes back to what they began: sixteen signs, 80 bits of chance."""

import hashlib
import re

from registry.core.khmer import ascii_digits

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""No letter of these is taken for a digit or for another letter."""
BYTES = 10
_CODE = re.compile(f"[{CROCKFORD}]{{16}}")
_BETWEEN = re.compile(r"[\s\u200b-\u200d\u2010-\u2015-]+")
_MEANT = str.maketrans("OIL", "011")


def code_of(chance: bytes) -> str:
    """The code that the first ten bytes of `chance` stand for."""
    number = int.from_bytes(chance[:BYTES], "big")
    return "".join(CROCKFORD[number >> shift & 31] for shift in range(75, -1, -5))


def in_groups(code: str) -> str:
    """As people read and copy it: four groups of four."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def understood(typed: str) -> str:
    """The code that somebody typed, however; empty where it can be none."""
    written = _BETWEEN.sub("", ascii_digits(typed)).upper().translate(_MEANT)
    return written if _CODE.fullmatch(written) else ""


def fingerprint(code: str) -> str:
    """What is kept of a code. Nobody finds 80 bits of chance by trying, so it needs no salt."""
    return hashlib.sha256(code.encode()).hexdigest()
