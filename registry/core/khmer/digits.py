"""Khmer and ASCII digits. Numbers are stored in ASCII and shown in either."""

import re

ASCII_DIGITS = "0123456789"
KHMER_DIGITS = "០១២៣៤៥៦៧៨៩"
_TO_ASCII = str.maketrans(KHMER_DIGITS, ASCII_DIGITS)
_TO_KHMER = str.maketrans(ASCII_DIGITS, KHMER_DIGITS)
_KHMER = re.compile(r"[\u1780-\u17D3\u17D7\u17DC\u17DD]")


def ascii_digits(text: str) -> str:
    """The text with every Khmer digit written as its ASCII digit."""
    return text.translate(_TO_ASCII)


def khmer_digits(text: str) -> str:
    """The text with every ASCII digit written as its Khmer digit."""
    return text.translate(_TO_KHMER)


def has_khmer(text: str) -> bool:
    """Whether the text has a Khmer letter, vowel or mark; digits and punctuation alone do not count."""
    return _KHMER.search(text) is not None
