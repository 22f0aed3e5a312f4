"""The status list: which certificates that look good are not, as CWT claims in deterministic CBOR.

A certificate that is not named holds from its first to its last day; so the list stays small, and a certificate that
has run out need not be on it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import cbor2

from licensing.rules.payload import EXP, IAT, ISS, ISSUER
from licensing.rules.signing import Forged

EXCEPTIONS = -65538
LIFETIME = timedelta(hours=24)
CODES = {"suspended": 1, "revoked": 2, "surrendered": 3, "replaced": 4}
WORDS = {code: word for word, code in CODES.items()}


@dataclass(frozen=True)
class StatusException:
    """What became of a certificate (empty: it stands) and of single services on it, by their codes."""

    state: str
    services: Mapping[str, str]


def written(exceptions: Mapping[str, StatusException], *, at: datetime) -> bytes:
    """The claims of the list of that moment, by serial number; good for `LIFETIME`."""
    return cbor2.dumps(
        {
            ISS: ISSUER,
            IAT: int(at.timestamp()),
            EXP: int((at + LIFETIME).timestamp()),
            EXCEPTIONS: {
                serial.encode(): [
                    CODES.get(exception.state, 0),
                    {code: CODES[state] for code, state in exception.services.items()},
                ]
                for serial, exception in exceptions.items()
            },
        },
        canonical=True,
    )


def read(payload: bytes, *, at: datetime) -> tuple[dict[str, StatusException], datetime]:
    """The exceptions and the moment they are of. Raises Forged for a list that is malformed or too old."""
    try:
        claims = cbor2.loads(payload)
        if claims[ISS] != ISSUER or claims[EXP] - claims[IAT] > LIFETIME.total_seconds():
            raise Forged("malformed")
        if not claims[IAT] <= at.timestamp() + 300 or at.timestamp() >= claims[EXP]:
            raise Forged("too_old")
        exceptions = {
            serial.decode(): StatusException(WORDS.get(state, ""), {code: WORDS[word] for code, word in fallen.items()})
            for serial, (state, fallen) in claims[EXCEPTIONS].items()
        }
        return exceptions, datetime.fromtimestamp(claims[IAT], UTC)
    except (ValueError, TypeError, KeyError, AttributeError, EOFError, OverflowError, RecursionError) as error:
        raise error if isinstance(error, Forged) else Forged("malformed") from error
