"""The key that lists sort by: Khmer alphabetical order, from a plain comparison of bytes.

The order is that of the Unicode locale data for Khmer to its second level: letters decide, and between
words of the same letters, signs and accents do. Case makes no difference. See docs/khmer.md.
"""

import re
import unicodedata

from registry.core.khmer.digits import ASCII_DIGITS

_PUNCTUATION = " _-‐–—,;:៖!¡?¿.·។៕'\"«»()[]{}§¶@*/\\&#%•៙៚`^°©®+±÷×<=>¬|¦~"
_CURRENCY = "ៗ¤¢$£¥៛₫€"
_LETTERS = "កខគឃងចឆជឈញដឋឌឍណតថទធនបផពភមយរឫឬលឭឮវឝឞសហឡអៜ"
_VOWELS = "ាិីឹឺុូួើឿៀេែៃោៅ"
_FINALS = ["ុំ", "ំ", "ាំ", "ះ", "ិះ", "ុះ", "េះ", "ោះ", "្"]
_LATIN = "abcdefghijklmnopqrstuvwxyz"
_OTHER_SYMBOLS, _OTHER_LETTERS = "other symbols", "other letters"

_ALPHABET = [*_PUNCTUATION, _OTHER_SYMBOLS, *_CURRENCY, *ASCII_DIGITS, *_LETTERS, *_VOWELS, *_FINALS, *_LATIN]
_ALPHABET.append(_OTHER_LETTERS)

# Weights start at U+0100: two bytes each, no control or combining character, all above the space.
_PRIMARY = {letter: chr(0x100 + rank) for rank, letter in enumerate(_ALPHABET)}

_ACCENTS = (
    "\u0332\u0313\u0314\u0301\u0300\u0306\u0302\u030c\u030a\u0308\u030b\u0303\u0307\u0338\u0327\u0328\u0304"
    "\u17cc\u0335\u0309\u030f\u0311\u031b\u0323\u0324\u0325\u0326\u032d\u032e\u0330\u0331"
    "\u17ce\u17cf\u17d1\u17d0\u17c8\u17dd\u17cb\u17c9\u17ca\u17cd"
)
_PLAIN, _VARIANT = "0", "1"  # a letter as it is, and the same letter written another way
_SECONDARY = {accent: chr(ord("2") + rank) for rank, accent in enumerate(_ACCENTS)}

_SPELT_OUT = str.maketrans(
    {"ឣ": "អ", "ឲ": "ឱ", "៘": "។ល។", "\u17d3": None}
    | dict(zip("៰៱៲៳៴៵៶៷៸៹", ASCII_DIGITS, strict=True))
    | {"đ": "d\u0335", "ð": "d\u0335", "ħ": "h\u0335", "ł": "l\u0335", "ø": "o\u0338"}
    | {"æ": "a\u0331e", "œ": "o\u0331e", "ß": "s\u0331s"}
)
_VARIANTS = {"ឥ": "អិ", "ឦ": "អី", "ឧ": "អុ", "ឩ": "អូ", "ឯ": "អែ", "ឰ": "អៃ", "ឱ": "អោ", "ឳ": "អៅ"}
_ROBAT = "\u17cc"
_CARRIES_ROBAT = _LETTERS.removesuffix("ៜ")
_ELEMENT = re.compile(f"[{_CARRIES_ROBAT}]{_ROBAT}|ុំ|ាំ|ិះ|ុះ|េះ|ោះ|.", re.DOTALL)

_Weights = tuple[str, str]


def sort_key(text: str) -> str:
    """A key whose order by code point (`COLLATE "C"`) is the Khmer alphabetical order of the text.

    Khmer comes before Latin and after digits; an empty text has an empty key and comes first. The key is
    safe to store: it has no NUL and no lone surrogate. Names that differ in case alone share a key.
    """
    text = unicodedata.normalize("NFKD", text.strip()).lower().translate(_SPELT_OUT)
    primary, secondary = "", ""
    for element in _ELEMENT.findall(text):
        weights = _WEIGHTS.get(element) or _other_weights(element)
        primary += weights[0]
        secondary += weights[1]
    secondary = secondary.rstrip(_PLAIN)
    return f"{primary} {secondary}" if secondary else primary


def _spelt(letters: str) -> _Weights:
    return "".join(_PRIMARY[letter] for letter in letters), _PLAIN * (len(letters) - 1) + _VARIANT


def _other_weights(character: str) -> _Weights:
    category = unicodedata.category(character)
    if character.isspace():
        return _PRIMARY[" "], _PLAIN
    if category[0] == "C" or category in ("Mn", "Me"):
        return "", ""
    if category == "Nd":
        return _PRIMARY[str(unicodedata.decimal(character))], _PLAIN
    kind = _OTHER_SYMBOLS if category[0] in "PSZ" else _OTHER_LETTERS
    return _PRIMARY[kind] + character, _PLAIN


_WEIGHTS: dict[str, _Weights] = (
    {letter: (weight, _PLAIN) for letter, weight in _PRIMARY.items()}
    | {accent: ("", weight) for accent, weight in _SECONDARY.items()}
    | {letter: _spelt(spelling) for letter, spelling in _VARIANTS.items()}
    | {letter + _ROBAT: _spelt("រ្" + letter) for letter in _CARRIES_ROBAT}
    | {quote: (_PRIMARY["'"], rank) for quote, rank in (("‘", "1"), ("’", "2"))}
    | {quote: (_PRIMARY['"'], rank) for quote, rank in (("“", "1"), ("”", "2"))}
    | {"ឤ": (_PRIMARY["អ"] + _PRIMARY["ា"], _PLAIN + _PLAIN)}
    | {"ឨ": (_spelt("អុ")[0] + _PRIMARY["ក"], _PLAIN + _VARIANT + _PLAIN)}
    | {"ឪ": (_spelt("អូ")[0] + _PRIMARY["វ"], _PLAIN + _VARIANT + _PLAIN)}
)
