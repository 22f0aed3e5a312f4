"""What a certificate says, as CWT claims (RFC 8392) in deterministic CBOR, and as the text of a QR code.

The text is `KHL1:` and the signed message in base45 (RFC 9285), which fits the alphanumeric mode of QR codes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import base45
import cbor2

from licensing.rules.signing import Forged, Purpose, verify

PREFIX = "KHL1:"
ISSUER = "moh.gov.kh"
CAMBODIA = ZoneInfo("Asia/Phnom_Penh")
ISS, SUB, EXP, NBF, IAT, CTI = 1, 2, 4, 5, 6, 7
LICENSED = -65537
"""The claim that is ours (private use below -65536): what is licensed, a map of the keys below."""
FACILITY, NAME_KM, NAME_EN, ADDRESS, AREA_KM, AREA_EN, TYPE, SERVICES = range(1, 9)
EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, order=True)
class CertifiedService:
    """A service with an authorisation of its own; both days are in force."""

    code: str
    valid_from: date
    valid_until: date


@dataclass(frozen=True, kw_only=True)
class Certified:
    """What a certificate certifies. Both `valid_from` and `valid_until` are days in force."""

    serial: str
    licence_number: str
    issued_at: datetime
    valid_from: date
    valid_until: date
    facility_number: str
    name_km: str
    name_en: str
    address: str
    area_km: str
    area_en: str
    type_code: str
    services: tuple[CertifiedService, ...]

    @property
    def number(self) -> str:
        """The serial number as people read and type it."""
        return "-".join(self.serial[at : at + 4] for at in (0, 4, 8))


def written(certified: Certified) -> bytes:
    """The claims; moments in whole seconds, `exp` the first one after the last day; days of services since 1970."""
    return cbor2.dumps(
        {
            ISS: ISSUER,
            SUB: certified.licence_number,
            EXP: _midnight(certified.valid_until + timedelta(days=1)),
            NBF: _midnight(certified.valid_from),
            IAT: int(certified.issued_at.timestamp()),
            CTI: certified.serial.encode(),
            LICENSED: {
                FACILITY: certified.facility_number,
                NAME_KM: certified.name_km,
                NAME_EN: certified.name_en,
                ADDRESS: certified.address,
                AREA_KM: certified.area_km,
                AREA_EN: certified.area_en,
                TYPE: certified.type_code,
                SERVICES: [
                    [service.code, (service.valid_from - EPOCH).days, (service.valid_until - EPOCH).days]
                    for service in sorted(certified.services)
                ],
            },
        },
        canonical=True,
    )


def read(payload: bytes) -> Certified:
    """The inverse of `written`. Raises Forged for claims that `written` does not make."""
    try:
        claims = cbor2.loads(payload)
        licensed = claims[LICENSED]
        certified = Certified(
            serial=claims[CTI].decode(),
            licence_number=claims[SUB],
            issued_at=datetime.fromtimestamp(claims[IAT], UTC),
            valid_from=datetime.fromtimestamp(claims[NBF], CAMBODIA).date(),
            valid_until=datetime.fromtimestamp(claims[EXP], CAMBODIA).date() - timedelta(days=1),
            facility_number=licensed[FACILITY],
            name_km=licensed[NAME_KM],
            name_en=licensed[NAME_EN],
            address=licensed[ADDRESS],
            area_km=licensed[AREA_KM],
            area_en=licensed[AREA_EN],
            type_code=licensed[TYPE],
            services=tuple(
                CertifiedService(code, EPOCH + timedelta(days=first), EPOCH + timedelta(days=last))
                for code, first, last in licensed[SERVICES]
            ),
        )
        unchanged = claims[ISS] == ISSUER and written(certified) == payload
    except (ValueError, TypeError, KeyError, AttributeError, EOFError, OverflowError, RecursionError) as error:
        raise Forged("malformed") from error
    if not unchanged:
        raise Forged("malformed")
    return certified


def qr_text(message: bytes) -> str:
    return PREFIX + base45.b45encode(message).decode()


def message_of(text: str) -> bytes:
    """The signed message in the text of a QR code. Raises Forged for any text that `qr_text` does not make."""
    if not text.startswith(PREFIX):
        raise Forged("malformed")
    try:
        message: bytes = base45.b45decode(text.removeprefix(PREFIX))
    except ValueError as error:
        raise Forged("malformed") from error
    if qr_text(message) != text:
        raise Forged("malformed")
    return message


def verified(text: str, *, keys: Mapping[bytes, bytes]) -> tuple[Certified, bytes]:
    """What the text of a QR code certifies, and the name of the key that signed it. Raises Forged."""
    payload, named = verify(message_of(text), keys=keys, purpose=Purpose.LICENCE)
    return read(payload), named


def _midnight(day: date) -> int:
    return int(datetime.combine(day, time(), CAMBODIA).timestamp())
