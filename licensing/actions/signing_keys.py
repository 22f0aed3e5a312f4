"""The keys that sign certificates. The private halves are files that only the owner of the service reads."""

import os
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext as _

from licensing import permissions
from licensing.models import SigningKey
from licensing.rules.signing import key_id
from registry.accounts.models import User
from registry.audit.actions import record as record_event
from registry.core.errors import Refused

ONE_KEY_AT_A_TIME = 710_001
"""The advisory lock of whoever changes keys."""


@transaction.atomic
def create(*, by: User | None, at: datetime) -> SigningKey:
    """A new key, which signs from now on; the ones before it still sign where its file has not arrived.

    `by` is None for whoever keeps the machine. Raises NotPermitted.
    """
    _check(by)
    private = Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes_raw()
    key = SigningKey.objects.create(
        number=key_id(public).hex(), public_key=public, valid_from=at, created_at=at, created_by=by
    )
    record_event(verb="signing_key.created", subject=key, by=by, at=at, facts={"public_key": public.hex()})
    write(key, private)
    return key


@transaction.atomic
def rotate(*, by: User | None, at: datetime) -> SigningKey:
    """A new key signs from now on; all before it are retired: they sign nothing more and still verify.

    Raises NotPermitted.
    """
    key = create(by=by, at=at)
    for old in SigningKey.objects.signing(at).exclude(pk=key.pk).select_for_update():
        old.retired_at = at
        old.save(update_fields=["retired_at"])
        record_event(verb="signing_key.retired", subject=old, by=by, at=at)
    return key


@transaction.atomic
def revoke(*, key: SigningKey, reason: str, by: User | None, at: datetime) -> SigningKey:
    """Nothing that the key signed verifies any more; certificates are then to be issued anew with another key.

    Raises NotPermitted, or Refused without a reason or where it is revoked already.
    """
    _check(by)
    key = SigningKey.objects.select_for_update().get(pk=key.pk)
    if key.revoked_at:
        raise Refused(_("Key %(key)s is revoked already.") % {"key": key}, code="wrong_state")
    if not reason.strip():
        raise Refused(_("Say why."), code="no_reason")
    key.revoked_at, key.retired_at, key.reason = at, key.retired_at or at, reason
    key.save(update_fields=["revoked_at", "retired_at", "reason"])
    record_event(verb="signing_key.revoked", subject=key, by=by, at=at, reason=reason)
    return key


@transaction.atomic
def ensure(*, by: User | None, at: datetime) -> SigningKey:
    """The key that signs; made where there is none. Safe to repeat. Raises NotPermitted."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_KEY_AT_A_TIME])
    usable = usable_key(at)
    return usable[0] if usable else create(by=by, at=at)


def usable_key(at: datetime) -> tuple[SigningKey, Ed25519PrivateKey] | None:
    """The newest key that signs at that moment and whose private half is on this machine, with that half."""
    for key in SigningKey.objects.signing(at):
        try:
            private = serialization.load_pem_private_key(file_of(key).read_bytes(), password=None)
        except (OSError, ValueError):
            continue
        if isinstance(private, Ed25519PrivateKey) and private.public_key().public_bytes_raw() == bytes(key.public_key):
            return key, private
    return None


def file_of(key: SigningKey) -> Path:
    return Path(settings.SIGNING_KEYS) / f"{key.number}.pem"


def write(key: SigningKey, private: Ed25519PrivateKey) -> None:
    """Put the private half into the folder of the keys, for the owner's eyes only."""
    path = file_of(key)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(pem)


def _check(by: User | None) -> None:
    if by is not None:
        permissions.check_may_keep_keys(by)
