"""Signed messages: COSE_Sign1 (RFC 9052) with Ed25519 (RFC 8032, RFC 9864), in one form only.

A message has exactly one way to be written, so that nobody can change a bit and still hold a good certificate. What a
message is for is signed with it (the external data of COSE), so that one kind never passes for another.
"""

import hashlib
from collections.abc import Mapping
from enum import Enum

import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

COSE_SIGN1 = 18
ALGORITHM, KEY_ID = 1, 4
EDDSA = -8
PARTS = 4


class Purpose(bytes, Enum):
    """What a message is signed for."""

    LICENCE = b"KHL1 licence"
    STATUS = b"KHL1 status"


class Forged(ValueError):
    """The message was not signed by the ministry; `code` says what is wrong with it."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


def key_id(public_key: bytes) -> bytes:
    """Eight bytes that name a public key of 32 bytes."""
    return hashlib.sha256(public_key).digest()[:8]


def sign(payload: bytes, *, key: Ed25519PrivateKey, purpose: Purpose) -> bytes:
    """`payload` as a signed message that names its key."""
    protected = _encode({ALGORITHM: EDDSA, KEY_ID: key_id(key.public_key().public_bytes_raw())})
    signature = key.sign(_signed(protected, payload, purpose))
    return _encode(cbor2.CBORTag(COSE_SIGN1, [protected, {}, payload, signature]))


def verify(message: bytes, *, keys: Mapping[bytes, bytes], purpose: Purpose) -> tuple[bytes, bytes]:
    """The payload of a message and the name of the key that signed it; `keys` are public keys by their names.

    Raises Forged: `malformed`, `unknown_key`, `wrong_signature`. The algorithm is ours to name, never the message's.
    """
    protected, payload, signature = _taken_apart(message)
    header = _decode(protected)
    if not isinstance(header, dict) or not isinstance(named := header.get(KEY_ID), bytes):
        raise Forged("malformed")
    if protected != _encode({ALGORITHM: EDDSA, KEY_ID: named}):
        raise Forged("malformed")
    if named not in keys:
        raise Forged("unknown_key")
    try:
        Ed25519PublicKey.from_public_bytes(keys[named]).verify(signature, _signed(protected, payload, purpose))
    except InvalidSignature:
        raise Forged("wrong_signature") from None
    return payload, named


def _taken_apart(message: bytes) -> tuple[bytes, bytes, bytes]:
    outer = _decode(message)
    if not isinstance(outer, cbor2.CBORTag) or outer.tag != COSE_SIGN1:
        raise Forged("malformed")
    parts = outer.value
    if not isinstance(parts, (list, tuple)) or len(parts) != PARTS or parts[1] != {}:
        raise Forged("malformed")
    protected, _, payload, signature = parts
    if not all(isinstance(part, bytes) for part in (protected, payload, signature)):
        raise Forged("malformed")
    if _encode(cbor2.CBORTag(COSE_SIGN1, [protected, {}, payload, signature])) != message:
        raise Forged("malformed")
    return protected, payload, signature


def _signed(protected: bytes, payload: bytes, purpose: Purpose) -> bytes:
    """The bytes that the signature covers (RFC 9052, section 4.4)."""
    return _encode(["Signature1", protected, purpose.value, payload])


def _encode(value: object) -> bytes:
    return cbor2.dumps(value, canonical=True)


def _decode(written: bytes) -> object:
    try:
        return cbor2.loads(written)
    except (ValueError, TypeError, EOFError, RecursionError, OverflowError) as error:
        raise Forged("malformed") from error
