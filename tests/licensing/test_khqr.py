"""The payment code, read by a parser of its own and compared with codes that others published."""

from datetime import UTC, datetime

import pytest

from licensing.rules.khqr import Payee, checksum, payload

MADE, UNTIL = datetime(2026, 11, 22, 3, 0, tzinfo=UTC), datetime(2027, 1, 8, 16, 59, 59, tzinfo=UTC)
PAYEE = Payee(account="moh_fees@devb", name="Ministry of Health", name_km="ក្រសួងសុខាភិបាល", city_km="ភ្នំពេញ")

PUBLISHED = (
    # EMVCo, QR Code Specification for Payment Systems, merchant-presented mode 1.1, the example of its annex
    (
        "00020101021229300012D156000000000510A93FO3230Q31280012D15600000001030812345678520441115802CN"
        "5914BEST TRANSPORT6007BEIJING64200002ZH0104最佳运输0202北京540523.7253031565502016233030412340603***"
        "0708A60086670902ME91320016A0112233449988770708123456786304A13A"
    ),
    # examples in the documentation of libraries for KHQR
    (
        "00020101021229180014jonhsmith@nbcq52045999530311654035005802KH5910Jonh Smith6010PHNOM PENH"
        "99170013173949577872263046894"
    ),
    (
        "00020101021229420013ishinvin@devb01090123456780208Dev Bank5204599953031165405100005802KH5909Ishin Vin"
        "6010Phnom Penh62680114INV-2022-12-250211855123456780310Ishin Shop07060123450807Payment"
        "64180002ZH0102文山0202金边9917001316935559673876304AE27"
    ),
)


def code(payee=PAYEE, amount_khr=1_200_000, bill_number="INV-2026-000001"):
    return payload(payee, amount_khr=amount_khr, bill_number=bill_number, made_at=MADE, good_until=UNTIL)


def objects_of(text):
    """Identifier → value, in order; lengths are in characters. Fails where the text is not made of whole objects."""
    found = {}
    while text:
        identifier, length, rest = text[:2], int(text[2:4]), text[4:]
        assert identifier.isdecimal() and identifier not in found and len(rest) >= length > 0
        found[identifier], text = rest[:length], rest[length:]
    return found


def crc_by_division(data):
    """The checksum as the standard states it: the remainder of a long division of bits, with ones shifted in first."""
    bits = [int(bit) for byte in data for bit in f"{byte:08b}"] + [0] * 16
    for place in range(16):
        bits[place] ^= 1
    polynomial = [int(bit) for bit in f"{0x11021:017b}"]
    for place in range(len(bits) - 16):
        if bits[place]:
            for offset, bit in enumerate(polynomial):
                bits[place + offset] ^= bit
    return int("".join(map(str, bits[-16:])), 2)


def test_the_checksum_is_crc_16_ccitt_false():
    assert checksum("123456789") == 0x29B1
    assert checksum("") == 0xFFFF
    assert checksum("A") == 0xB915


@pytest.mark.parametrize("text", PUBLISHED)
def test_codes_that_others_published_have_our_checksum(text):
    assert f"{checksum(text[:-4]):04X}" == text[-4:]
    assert objects_of(text)["63"] == text[-4:]


def test_the_code_of_a_published_example_differs_only_in_what_we_say_more():
    published = objects_of(PUBLISHED[2])
    payee = Payee(account="ishinvin@devb", name="Ishin Vin", category="5999", bank="Dev Bank")
    ours = objects_of(code(payee, amount_khr=10_000, bill_number="INV-2022-12-25"))
    assert list(ours) == [identifier for identifier in published if identifier != "64"]
    same = ("00", "01", "52", "53", "54", "58", "59", "60")
    assert {name: ours[name] for name in same} == {name: published[name] for name in same}
    assert objects_of(ours["62"])["01"] == objects_of(published["62"])["01"]
    assert objects_of(ours["29"])["00"] == objects_of(published["29"])["00"]


def test_the_code_follows_the_rules_of_each_field():
    text = code()
    found = objects_of(text)
    assert list(found) == ["00", "01", "29", "52", "53", "54", "58", "59", "60", "62", "64", "99", "63"]
    assert (found["00"], found["01"]) == ("01", "12")  # version 1, good for one transaction
    assert objects_of(found["29"]) == {"00": "moh_fees@devb"}
    assert (found["52"], found["53"], found["58"]) == ("9399", "116", "KH")  # government services, riel, Cambodia
    assert found["54"] == "1200000"  # no separator, no minor unit
    assert (found["59"], found["60"]) == ("Ministry of Health", "Phnom Penh")
    assert objects_of(found["62"]) == {"01": "INV-2026-000001"}
    assert objects_of(found["64"]) == {"00": "km", "01": "ក្រសួងសុខាភិបាល", "02": "ភ្នំពេញ"}
    assert objects_of(found["99"]) == {"00": "1795316400000", "01": f"{UNTIL.timestamp() * 1000:.0f}"}
    assert int(found["63"], 16) == crc_by_division(text[:-4].encode())
    assert len(text) <= 512  # the most that the specification allows


def test_a_merchant_is_named_by_the_bank_that_keeps_the_account():
    found = objects_of(code(Payee(account="moh@aclb", name="MOH", merchant_id="012345", bank="ACLEDA Bank")))
    assert "29" not in found
    assert objects_of(found["30"]) == {"00": "moh@aclb", "01": "012345", "02": "ACLEDA Bank"}
    assert "64" not in found


@pytest.mark.parametrize("amount", [0, -1, 10**13])
def test_an_amount_that_cannot_be_asked_for_makes_no_code(amount):
    with pytest.raises(ValueError, match="cannot be asked for"):
        code(amount_khr=amount)


@pytest.mark.parametrize("number", ["", "I" * 26])
def test_a_bill_number_has_1_to_25_characters(number):
    with pytest.raises(ValueError, match="bill number"):
        code(bill_number=number)


@pytest.mark.parametrize(
    "fields",
    [
        {"account": "moh"},
        {"account": "a@b@c"},
        {"account": ""},
        {"account": f"{'a' * 32}@b"},
        {"name": ""},
        {"name": "M" * 26},
        {"name": "ក្រសួង"},
        {"city": "P" * 16},
        {"category": "99"},
    ],
)
def test_a_payee_that_does_not_fit_is_refused(fields):
    with pytest.raises(ValueError, match=r"payee|longer"):
        Payee(**{"account": "moh@devb", "name": "MOH"} | fields)
