"""Numbers of facilities: KH, seven digits, two check digits (ISO 7064 MOD 97-10)."""

import re

from stdnum.iso7064 import mod_97_10

from registry.core.khmer import ascii_digits

_BETWEEN = re.compile(r"[\s\u200b\u200c\u200d\u2010-\u2015._/-]+")
_NUMBER = re.compile(r"(?:KH)?([0-9]{9})")
_MEANT = re.compile(r"KH[0-9]+")


def normalised(text: str) -> str:
    """What was typed, as a number is written: capitals, ASCII digits, nothing between them, KH in front."""
    written = _BETWEEN.sub("", ascii_digits(text)).upper()
    return f"KH{match[1]}" if (match := _NUMBER.fullmatch(written)) else written


def is_facility_number(text: str) -> bool:
    """Whether the text is a number with the right check digits, however it is typed."""
    match = _NUMBER.fullmatch(normalised(text))
    return match is not None and bool(mod_97_10.is_valid(match[1]))


def is_meant_as_number(text: str) -> bool:
    """Whether the text begins like a number, right or wrong: KH and digits."""
    return _MEANT.fullmatch(normalised(text)) is not None
