"""KHQR: the payment code that every bank of Cambodia reads.

The EMVCo QR Code Specification for Payment Systems (merchant-presented mode, 1.1) as the KHQR specification of the
Association of Banks in Cambodia (1.0, December 2019) and the Bakong system narrow it down: riel only, the amount
without a minor unit, the invoice as the bill number, good until a moment. Pure.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

CURRENCY_RIEL = "116"
FOR_ONE_TRANSACTION = "12"
INDIVIDUAL, MERCHANT = "29", "30"
LONGEST_VALUE = 99
LONGEST_AMOUNT = 13
CRC_POLYNOMIAL = 0x1021
LIMITS = {"account": 32, "merchant_id": 32, "bank": 32, "name": 25, "city": 15, "name_km": 25, "city_km": 15}
LONGEST_BILL_NUMBER = 25


@dataclass(frozen=True)
class Payee:
    """Who is paid: an account of the Bakong system ("name@bank"), of a merchant where a merchant number is given.

    Names and cities in Latin letters, and in Khmer if there are any. Raises ValueError where a text is missing or
    longer than the code has room for.
    """

    account: str
    name: str
    city: str = "Phnom Penh"
    merchant_id: str = ""
    bank: str = ""
    name_km: str = ""
    city_km: str = ""
    category: str = "9399"
    """ISO 18245: government services not classified elsewhere."""

    def __post_init__(self) -> None:
        for field, longest in LIMITS.items():
            if len(getattr(self, field)) > longest:
                raise ValueError(f"{field} of the payee is longer than {longest} characters")
        if not (self.account.count("@") == 1 and self.name and self.city):
            raise ValueError("a payee has an account (name@bank), a name and a city")
        if not (self.account + self.name + self.city + self.merchant_id + self.bank).isascii():
            raise ValueError("account, name, city, number and bank of the payee are in Latin letters")
        if not (len(self.category) == 4 and self.category.isdecimal()):
            raise ValueError("the category of the payee is four digits")


def payload(payee: Payee, *, amount_khr: int, bill_number: str, made_at: datetime, good_until: datetime) -> str:
    """The text of the code that asks for this amount once. Raises ValueError where something does not fit."""
    if not 1 <= amount_khr < 10**LONGEST_AMOUNT:
        raise ValueError(f"{amount_khr} riel cannot be asked for")
    if not 1 <= len(bill_number) <= LONGEST_BILL_NUMBER:
        raise ValueError(f"“{bill_number}” is no bill number")
    account = [("00", payee.account), ("01", payee.merchant_id), ("02", payee.bank)]
    in_khmer = [("00", "km"), ("01", payee.name_km), ("02", payee.city_km)] if payee.name_km else []
    text = _objects(
        [
            ("00", "01"),
            ("01", FOR_ONE_TRANSACTION),
            (MERCHANT if payee.merchant_id else INDIVIDUAL, _objects(account)),
            ("52", payee.category),
            ("53", CURRENCY_RIEL),
            ("54", str(amount_khr)),
            ("58", "KH"),
            ("59", payee.name),
            ("60", payee.city),
            ("62", _objects([("01", bill_number)])),
            ("64", _objects(in_khmer)),
            ("99", _objects([("00", _milliseconds(made_at)), ("01", _milliseconds(good_until))])),
        ]
    )
    return f"{text}6304{checksum(f'{text}6304'):04X}"


def checksum(text: str) -> int:
    """CRC-16/CCITT-FALSE over the UTF-8 of the text (ISO/IEC 13239, polynomial 1021, initial value FFFF)."""
    crc = 0xFFFF
    for byte in text.encode():
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ CRC_POLYNOMIAL if crc & 0x8000 else crc << 1) & 0xFFFF
    return crc


def _objects(pairs: Iterable[tuple[str, str]]) -> str:
    """Identifier, length in characters, value, one after another; what is empty is left out."""
    return "".join(_object(identifier, value) for identifier, value in pairs if value)


def _object(identifier: str, value: str) -> str:
    if len(value) > LONGEST_VALUE:
        raise ValueError(f"object {identifier} is longer than {LONGEST_VALUE} characters")
    return f"{identifier}{len(value):02d}{value}"


def _milliseconds(moment: datetime) -> str:
    return str(int(moment.timestamp() * 1000))
