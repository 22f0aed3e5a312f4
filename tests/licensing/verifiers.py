"""Certificates without a database, and three ways to check one: ours, a second library, and the script of the page."""

import base64
import json
import random
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import base45
import cbor2
import cwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from PIL.Image import Image

from licensing.rules import payload
from licensing.rules.signing import Forged, Purpose, key_id, sign, verify

HOUSE = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
TODAY = date(2026, 11, 22)
KHMER = "កខគឃងចឆជឈញដឋឌឍណតថទធនបផពភមយរលវសហឡអ្ាិីឹឺុូេែៃោៅំះ៉"


def public(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes_raw()


def ring(*keys: Ed25519PrivateKey) -> dict[bytes, bytes]:
    return {key_id(public(key)): public(key) for key in keys}


def a_certified(chance: random.Random, **fields: Any) -> payload.Certified:
    def word(letters: str, most: int) -> str:
        return "".join(chance.choices(letters, k=chance.randint(1, most)))

    first = TODAY + timedelta(days=chance.randint(-1500, 200))
    services = tuple(
        payload.CertifiedService(f"service_{number}", first, first + timedelta(days=chance.randint(0, 900)))
        for number in range(chance.randint(0, 5))
    )
    values: dict[str, Any] = {
        "serial": "".join(chance.choices("0123456789ABCDEFGHJKMNPQRSTVWXYZ", k=12)),
        "licence_number": f"MOH-2026-{chance.randint(1, 999999):06d}",
        "issued_at": NOW,
        "valid_from": first,
        "valid_until": first + timedelta(days=chance.randint(0, 1100)),
        "facility_number": f"KH{chance.randint(1, 10**9):09d}",
        "name_km": word(KHMER, 40),
        "name_en": word("abcdefghijklmnopqrstuvwxyz ’&", 40),
        "address": word(KHMER + " ,.0123456789", 60),
        "area_km": word(KHMER, 20),
        "area_en": word("ABCdefgh ", 20),
        "type_code": "clinic",
        "services": services,
    }
    return payload.Certified(**values | fields)


def message(certified: payload.Certified, key: Ed25519PrivateKey) -> bytes:
    return sign(payload.written(certified), key=key, purpose=Purpose.LICENCE)


def worth(certified: payload.Certified, on: date) -> str:
    if on < certified.valid_from:
        return "upcoming"
    return "valid" if on <= certified.valid_until else "expired"


def said_by_ours(texts: Iterable[str], keys: dict[bytes, bytes]) -> list[tuple[str, str]]:
    """For each text the word and the serial number."""
    said = []
    for text in texts:
        try:
            certified, _ = payload.verified(text, keys=keys)
        except Forged:
            said.append(("forged", ""))
        else:
            said.append((worth(certified, TODAY), certified.serial))
    return said


def said_by_the_second_library(texts: Iterable[str], keys: dict[bytes, bytes]) -> list[tuple[str, str]]:
    known = [
        cwt.COSEKey.new({1: 1, 2: name, 3: -8, -1: 6, -2: key}) for name, key in keys.items()
    ]  # OKP, EdDSA, Ed25519
    reader = cwt.COSE.new()
    said = []
    for text in texts:
        try:
            signed = base45.b45decode(text.removeprefix("KHL1:"))
            claims = cbor2.loads(reader.decode(signed, known, external_aad=b"KHL1 licence"))
        except Exception:  # whatever the library finds wrong, it does not accept
            said.append(("forged", ""))
            continue
        now = NOW.timestamp()
        word = "upcoming" if now < claims[5] else "valid" if now < claims[4] else "expired"
        said.append((word, claims[7].decode()))
    return said


def said_by_the_page(
    texts: Sequence[str], keys: dict[bytes, bytes], *, status: bytes | None = None, at: datetime = NOW
) -> list[dict[str, Any]]:
    """What static/src/verification.mjs says, run by Node."""
    asked = {
        "texts": texts,
        "keys": {name.hex(): key.hex() for name, key in keys.items()},
        "status": status.hex() if status else None,
        "now": int(at.timestamp()),
    }
    said: list[dict[str, Any]] = _told_by_node("verify_many.mjs", asked)
    return said


def read_with_zbar(picture: Image) -> set[str]:
    """The texts of all codes in a picture, by a decoder that phones and scanners use."""
    grey = picture.convert("L")
    asked = {"width": grey.width, "height": grey.height, "grey": base64.b64encode(grey.tobytes()).decode()}
    return set(_told_by_node("read_with_zbar.mjs", asked))


def _told_by_node(script: str, asked: dict[str, Any]) -> Any:
    run = subprocess.run(
        [shutil.which("node") or str(HOUSE / ".venv" / "node" / "node"), Path(__file__).with_name(script)],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        cwd=HOUSE,
    )
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def accepted_changes(signed: bytes, keys: dict[bytes, bytes]) -> int:
    """How many of all messages that differ in one bit still verify."""
    accepted = 0
    for position in range(len(signed) * 8):
        changed = bytearray(signed)
        changed[position // 8] ^= 1 << position % 8
        try:
            verify(bytes(changed), keys=keys, purpose=Purpose.LICENCE)
        except Forged:
            continue
        accepted += 1
    return accepted
