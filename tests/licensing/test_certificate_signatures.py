"""The signature of a certificate: three verifiers agree, no changed bit passes, and nothing else passes for one."""

import os
import random
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context

import base45
import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from licensing.rules import payload
from licensing.rules.signing import Forged, Purpose, key_id, sign, verify
from tests.licensing.verifiers import (
    a_certified,
    accepted_changes,
    message,
    public,
    ring,
    said_by_ours,
    said_by_the_page,
    said_by_the_second_library,
)

KEY, RETIRED, STRANGER = (Ed25519PrivateKey.generate() for _ in range(3))
KEYS = ring(KEY, RETIRED)


def changed(signed: bytes, chance: random.Random) -> bytes:
    position = chance.randrange(len(signed) * 8)
    return signed[: position // 8] + bytes([signed[position // 8] ^ 1 << position % 8]) + signed[position // 8 + 1 :]


def test_three_verifiers_agree_on_a_thousand_certificates():
    chance = random.Random(2026)
    texts, genuine = [], []
    for number in range(1000):
        key = (KEY, RETIRED, KEY, STRANGER)[number % 4]
        certified = a_certified(chance)
        signed = message(certified, key)
        good = key is not STRANGER
        if number % 5 == 0:
            # Inside the signed part, because what is around it a lenient library may read in more than one way.
            signed = signed[:-70] + bytes([signed[-70] ^ 1]) + signed[-69:]
            good = False
        texts.append(payload.qr_text(signed))
        genuine.append(certified.serial if good else "")
    ours = said_by_ours(texts, KEYS)
    assert [serial for _, serial in ours] == genuine
    assert said_by_the_second_library(texts, KEYS) == ours
    assert [(said["verdict"], said["serial"]) for said in said_by_the_page(texts, KEYS)] == ours
    assert {word for word, _ in ours} == {"valid", "upcoming", "expired", "forged"}


def test_no_certificate_of_two_hundred_survives_the_change_of_any_single_bit():
    chance = random.Random(200)
    brief = {"name_en": "Clinic", "address": "", "area_en": "Kep", "services": ()}
    signed = [message(a_certified(chance, **brief, name_km="ក", area_km="កែប"), KEY) for _ in range(200)]
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        assert sum(pool.map(partial(accepted_changes, keys=KEYS), signed, chunksize=10)) == 0


def test_the_page_refuses_changed_bits_as_well():
    chance = random.Random(300)
    texts = [payload.qr_text(changed(message(a_certified(chance), KEY), chance)) for _ in range(2000)]
    assert {said["verdict"] for said in said_by_the_page(texts, KEYS)} == {"forged"}


def test_no_sign_of_the_printed_text_can_be_written_otherwise():
    text = payload.qr_text(message(a_certified(random.Random(1), name_km="ក", address=""), KEY))
    others = {text[:at] + chr(ord(text[at]) ^ 1 << bit) + text[at + 1 :] for at in range(len(text)) for bit in range(8)}
    others |= {text + " ", text + "\n", text.lower(), text.replace("KHL1:", "KHL2:"), text[5:], ""}
    assert {word for word, _ in said_by_ours(others, KEYS)} == {"forged"}
    assert {said["verdict"] for said in said_by_the_page(sorted(others), KEYS)} == {"forged"}


def rewritten(
    signed: bytes, *, header: object = None, unprotected: object = None, signature: bytes | None = None
) -> bytes:
    protected, bare, body, sealed = cbor2.loads(signed).value
    parts = [
        protected if header is None else cbor2.dumps(header, canonical=True),
        bare if unprotected is None else unprotected,
        body,
        sealed if signature is None else signature,
    ]
    return cbor2.dumps(cbor2.CBORTag(18, parts), canonical=True)


NAME = key_id(public(KEY))
SIGNED = message(a_certified(random.Random(7)), KEY)
ATTACKS = {
    "no algorithm": rewritten(SIGNED, header={4: NAME}),
    "algorithm none": rewritten(SIGNED, header={1: 0, 4: NAME}, signature=b""),
    "algorithm HMAC with the public key": rewritten(SIGNED, header={1: 5, 4: NAME}),
    "algorithm unprotected": rewritten(SIGNED, header={4: NAME}, unprotected={1: -8}),
    "key in the message": rewritten(SIGNED, unprotected={-1: public(STRANGER)}),
    "key named outside what is signed": rewritten(SIGNED, header={1: -8}, unprotected={4: NAME}),
    "signature of another certificate": rewritten(
        SIGNED, signature=cbor2.loads(message(a_certified(random.Random(8)), KEY)).value[3]
    ),
    "empty signature": rewritten(SIGNED, signature=b""),
    "signed by a stranger who names our key": rewritten(
        message(a_certified(random.Random(7)), STRANGER), header={1: -8, 4: NAME}
    ),
    "signed by a stranger": message(a_certified(random.Random(7)), STRANGER),
    "a status list": sign(cbor2.loads(SIGNED).value[2], key=KEY, purpose=Purpose.STATUS),
    "claims of another issuer": sign(
        cbor2.dumps(cbor2.loads(cbor2.loads(SIGNED).value[2]) | {1: "example"}, canonical=True),
        key=KEY,
        purpose=Purpose.LICENCE,
    ),
    "not COSE": cbor2.dumps({"state": "valid"}),
    "another tag": cbor2.dumps(cbor2.CBORTag(98, cbor2.loads(SIGNED).value), canonical=True),
    "something after it": SIGNED + b"\x00",
    "nothing": b"",
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_else_passes_for_a_certificate(attack):
    text = payload.qr_text(ATTACKS[attack])
    assert said_by_ours([text], KEYS) == [("forged", "")]


def test_the_page_refuses_the_same():
    texts = [payload.qr_text(attack) for attack in ATTACKS.values()]
    assert [said["verdict"] for said in said_by_the_page(texts, KEYS)] == ["forged"] * len(texts)


def test_a_certificate_does_not_pass_for_a_status_list():
    with pytest.raises(Forged, match="wrong_signature"):
        verify(SIGNED, keys=KEYS, purpose=Purpose.STATUS)


def test_a_retired_key_verifies_and_one_that_is_not_trusted_does_not():
    signed = message(a_certified(random.Random(9)), RETIRED)
    assert verify(signed, keys=KEYS, purpose=Purpose.LICENCE)
    with pytest.raises(Forged, match="unknown_key"):
        verify(signed, keys=ring(KEY), purpose=Purpose.LICENCE)


def test_the_text_is_as_short_as_the_alphanumeric_mode_of_a_qr_code_allows():
    text = payload.qr_text(SIGNED)
    assert set(text) <= {*base45.BASE45_CHARSET}
