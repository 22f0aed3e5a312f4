"""Text typed in a Limon font: Latin characters that only that font shows as Khmer."""

import re

from registry.core.khmer.digits import has_khmer

_BALANCED = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|<[^<>]*>|\{[^{}]*\}")
_LETTER = "A-Za-zÀ-ÖØ-öø-ÿ"
_SIGN = r"\[\]{}\\|<>^~`´¨¶³²µ§¿¡¬¦¯¸¢£¤¥×÷±½¼¾Þþ"
_SIGNS = re.compile(
    rf"[{_LETTER}][{_SIGN}]|[{_SIGN}][{_LETTER}]"  # a sign that Limon uses for a letter, inside a word
    rf"|[{_LETTER}];(?:[{_LETTER}]|$)|[a-z]:[a-z]"  # bantoc ; and the register shifter :
    r"|^\)[a-z]"
)
_WORDS = re.compile(
    r"\b(?:[a-zß-ÿ]+[A-Z]"  # kMBt: begins small, a capital inside
    r"|[A-Za-z]*[a-zß-ÿ][A-Z](?![a-z]{2})[A-Za-zÀ-ÿ]*[a-zß-ÿ][A-Z]"  # PñMeBj: two capitals inside
    r"|[A-Z]{2,}[a-z]+[A-Z]"  # RBHsIhnu would be one such word
    r"|R[bcdfgjklmnpqstvxz][a-z]*[A-Za-z]{2})"  # Rkec: the subscript ro is typed first
)
_INITIAL_VOWEL = re.compile(r"e[bcdfgjklmnpqrstvxzNZQXKDGL][a-zA-Z]{2,}")


def looks_like_limon(text: str) -> bool:
    """Whether a value of a Khmer column looks typed in a Limon font rather than in Khmer or plain Latin.

    A guess from habits of the font, used to choose the sentence of a refusal: either way the value is
    not Khmer text.
    """
    if has_khmer(text):
        return False
    text = _BALANCED.sub(" ", text.strip())
    return bool(_SIGNS.search(text) or _WORDS.search(text) or _INITIAL_VOWEL.fullmatch(text))
