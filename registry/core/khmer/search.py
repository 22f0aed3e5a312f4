"""The key that search compares: one spelling for all the ways people type the same name."""

import re
import unicodedata
from functools import lru_cache

from registry.core.khmer.digits import ASCII_DIGITS, KHMER_DIGITS, has_khmer

_NOT_WORD = re.compile(r"[^a-z0-9]+")
_BASE = "\u1780-\u17b3"
_DANGLING_COENG = re.compile(f"្(?![{_BASE}])")
_MARKS = re.compile(f"(?:្[{_BASE}]|[\u17b6-\u17d1])+")
_MARK = re.compile("្.|.")
_SHIFTERS = frozenset("៉៊ុ")
_ABOVE = frozenset("ិីឹឺើឿ័")
_ORDER = {"៌": 0, "្រ": 2, "៉": 3, "៊": 3}


def search_key(text: str) -> str:
    """The text folded for trigram search; a key folds to itself.

    Lower-case Latin without accents, ASCII digits, words one space apart, nothing invisible, and the
    marks of each Khmer syllable in one order. Spellings that look alike on paper get one key.
    """
    if text.isascii():
        return _NOT_WORD.sub(" ", text.lower().translate(_FOLDED)).strip()
    for _ in range(2):  # folding case can bring up a letter that decomposes further
        text = unicodedata.normalize("NFKD", text).casefold()
    text = text.translate(_FOLDED)
    if has_khmer(text):
        text = _DANGLING_COENG.sub("", text).replace("្ដ", "្ត")
        text = _MARKS.sub(lambda match: _ordered(match[0]), text)
    return " ".join(text.split()).replace(" ៗ", "ៗ")


class _Folded(dict[int, str | None]):
    """What becomes of one character, worked out from its Unicode category when it is first met."""

    def __missing__(self, code: int) -> str | None:
        character = chr(code)
        category = unicodedata.category(character)
        if "\u17b6" <= character <= "\u17d2" or category[0] in "LN" or category == "Mc":
            folded: str | None = character
        elif category[0] in "MC" and not character.isspace():
            folded = None
        else:
            folded = " "
        self[code] = folded
        return folded


_FOLDED = _Folded(
    str.maketrans(
        {"đ": "d", "ð": "d", "ħ": "h", "ı": "i", "ł": "l", "ø": "o", "ŧ": "t", "æ": "ae", "œ": "oe"}
        | {"ឣ": "អ", "ឤ": "អា", "ឲ": "ឱ", "៓": "ំ", "៝": "៑"}
        | dict(zip(KHMER_DIGITS, ASCII_DIGITS, strict=True))
        | dict.fromkeys("'`’‘‛ʼʹ´")
    )
)


@lru_cache(maxsize=4096)
def _ordered(marks: str) -> str:
    """The marks after one base letter: each once, look-alikes folded, in one order."""
    units = set(_MARK.findall(marks))
    for parts, whole in (({"េ", "ី"}, "ើ"), ({"េ", "ា"}, "ោ")):
        if parts <= units:
            units = units - parts | {whole}
    if units & _SHIFTERS:
        # A register shifter drops below the letter under a mark above, and then looks like the vowel u.
        if units & _ABOVE or {"ា", "ំ"} <= units:
            units = units - _SHIFTERS | {"៉"}
        elif "ំ" in units:
            units = units - _SHIFTERS | {"ុ"}
    return "".join(sorted(units, key=lambda unit: (_ORDER.get(unit, 1 if len(unit) == 2 else 4), unit)))
