"""What the headings of a form mean: `label::Khmer (km)`, `Label:km` and `caption::ខ្មែរ` are one column."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

LANGUAGES = {
    "km": "km",
    "khm": "km",
    "khmer": "km",
    "cambodian": "km",
    "ខ្មែរ": "km",
    "ភាសាខ្មែរ": "km",
    "en": "en",
    "eng": "en",
    "english": "en",
    "អង់គ្លេស": "en",
    "ភាសាអង់គ្លេស": "en",
}
TRANSLATED = ("label", "hint", "guidance_hint", "form_title", "image", "audio", "video", "big-image")
MESSAGES = ("constraint_message", "required_message")
ALIASES = {
    "caption": "label",
    "command": "type",
    "tag": "name",
    "value": "name",
    "relevance": "relevant",
    "calculate": "calculation",
    "readonly": "read_only",
    "count": "repeat_count",
    "jr:count": "repeat_count",
    "set_form_title": "form_title",
    "set_form_id": "form_id",
    "title": "form_title",
    "id_string": "form_id",
    "constraining_message": "constraint_message",
    "requiredmsg": "required_message",
    "list name": "list_name",
}
_LANGUAGE = re.compile(r"\s*(.*?)\s*(?:\(\s*([A-Za-z]{2,3})(?:-[\w-]+)?\s*\))?\s*")


def language_of(text: str) -> str:
    """“km” or “en” for what a heading calls a language (“Khmer (km)”), empty for any other language."""
    name, code = _LANGUAGE.fullmatch(text.casefold()).groups()  # type: ignore[union-attr]
    return LANGUAGES.get(code or name, "")


@dataclass(frozen=True)
class Columns:
    """Where each column is that we know by name; translated ones as label_km and label_en."""

    places: dict[str, int] = field(default_factory=dict)
    headings: dict[str, str] = field(default_factory=dict)
    """What the file calls each of them."""
    foreign: list[str] = field(default_factory=list)
    """Headings of texts in other languages."""
    doubled: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, header: Sequence[str], default_language: str) -> "Columns":
        found = cls()
        default = language_of(default_language) or "en"
        for place, heading in enumerate(header):
            if not heading:
                continue
            base, language = parts_of(heading)
            name = base
            if base in TRANSLATED and (base != "form_title" or language):
                if language and not language_of(language):
                    found.foreign.append(heading)
                    continue
                name = f"{base}_{language_of(language) or default}"
            if name in found.places:
                found.doubled.append(heading)
            else:
                found.places[name] = place
                found.headings[name] = heading
        return found


def parts_of(heading: str) -> tuple[str, str]:
    """The column and, after colons, the language: “Hint::English (en)” gives “hint” and “English (en)”."""
    base, colons, language = heading.partition("::")
    if not colons:
        before, _colon, after = heading.partition(":")
        if ALIASES.get(before.strip().lower(), before.strip().lower()) in (*TRANSLATED, *MESSAGES):
            base, language = before, after
    base = base.strip().lower()
    if base == "media" and language:
        base, _colons, language = language.partition("::")
    return ALIASES.get(base, base), language.strip()
