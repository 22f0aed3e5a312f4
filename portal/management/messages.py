"""The sentences that people read, gathered from code and templates into catalogues, and what can be wrong with one.

A machine without GNU gettext can do it: Babel reads the code, and Django makes code of the templates.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from importlib.util import find_spec
from io import SEEK_END, BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

HOUSE = Path(settings.BASE_DIR)
FLOORS = ("portal", "enforcement", "licensing", "inspections", "registry")
LANGUAGES = [code for code, name in settings.LANGUAGES if code != "en"]
"""English needs no catalogue: it is what the code says."""

BORROWED = (
    "django.contrib.auth.base_user",
    "django.contrib.auth.forms",
    "django.contrib.auth.models",
    "django.contrib.auth.password_validation",
    "django.core.validators",
    "django.db.models.base",
    "django.db.models.constraints",
    "django.db.models.fields",
    "django.forms.fields",
    "django.forms.formsets",
    "django.forms.models",
    "django.forms.utils",
    "django.forms.widgets",
    "django.template.defaultfilters",
    "django.utils.dateformat",
    "django.utils.dates",
    "django.utils.text",
    "django.utils.timesince",
)
"""Modules of libraries whose sentences our pages can show. Their own Khmer is missing or wrong; ours goes before it."""

_KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
_HEADER = """\
msgid ""
msgstr ""
"Language: {catalog.locale}\\n"
"Plural-Forms: {catalog.plural_forms}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""
_PLACE = re.compile(r"%%|%(?:\(\w+\))?[#0 +-]*[\d.]*[a-zA-Z]|\{\w*\}")
_MARKUP = re.compile(r"</?[a-zA-Z][^<>]*>|&#?\w+;")


def collected(language: str) -> Catalog:
    """The catalogue of a language as it should be: every sentence of today, none of yesterday, translations kept.

    It is in the order of the English sentences and names files without lines, so that small changes stay small.
    """
    known = stored(language)
    catalog = Catalog(language)
    for place, text in _sources():
        for _line, sentence, comments, context in extract(
            "python", BytesIO(text.encode()), _KEYWORDS, ["Translators:"], {"encoding": "utf-8"}
        ):
            catalog.add(sentence, locations=[(place, 1)], auto_comments=comments, context=context)
    for message in filter(_is_sentence, catalog):
        if old := _counterpart(known, message):
            message.string = old.string
            message.flags |= old.flags & {"fuzzy"}
            message.user_comments = old.user_comments
    return catalog


def stored(language: str) -> Catalog:
    """The catalogue of a language as its file has it; an empty one where there is no file."""
    path = path_of(language)
    if not path.exists():
        return Catalog(language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def written(catalog: Catalog) -> bytes:
    """The catalogue as a file whose header has neither dates nor names, so that it never changes by itself."""
    file = BytesIO(_HEADER.format(catalog=catalog).encode())
    file.seek(0, SEEK_END)
    write_po(file, catalog, width=120, omit_header=True, sort_output=True, include_lineno=False)
    return file.getvalue()


def path_of(language: str) -> Path:
    return HOUSE / "locale" / language / "LC_MESSAGES" / "django.po"


def complaints(language: str) -> Iterator[str]:
    """A line for each sentence that people would not read in the language as they should."""
    catalog, known = collected(language), stored(language)
    for message in filter(_is_sentence, catalog):
        if _counterpart(known, message) is None:
            yield f"{_quoted(message)} is missing"
        else:
            for fault in faults(message):
                yield f"{_quoted(message)} {fault}"
    for message in filter(_is_sentence, known):
        if _counterpart(catalog, message) is None:
            yield f"{_quoted(message)} is not in use any more"


def faults(message: Message) -> Iterator[str]:
    """What is wrong with the translation of a sentence: a phrase for each fault."""
    original = _forms(message.id)[-1]
    if message.fuzzy:
        yield "is fuzzy"
    if _count(_PLACE, _forms(message.id)[0]) != _count(_PLACE, original):
        yield "has other placeholders for one than for many, which the compiler refuses"
    for translation in _forms(message.string or ""):
        if not translation:
            yield "is not translated"
            continue
        if _count(_PLACE, translation) != _count(_PLACE, original):
            yield "has other placeholders"
        if _count(_MARKUP, translation) != _count(_MARKUP, original):
            yield "has other markup"
        if translation != translation.strip() and original == original.strip():
            yield "has spaces around it"


def _count(pattern: re.Pattern[str], text: str) -> Counter[str]:
    return Counter(pattern.findall(text))


def _forms(text: str | Iterable[str]) -> Sequence[str]:
    """One form, or one for each number the language tells apart."""
    return (text,) if isinstance(text, str) else tuple(text)


def _is_sentence(message: Message) -> bool:
    return bool(message.id)  # the header of a catalogue has none


def _counterpart(catalog: Catalog, message: Message) -> Message | None:
    other = catalog.get(message.id, message.context)
    return other if other and other.id == message.id else None


def _quoted(message: Message) -> str:
    return f"“{_forms(message.id)[0]}”" + (f" ({message.context})" if message.context else "")


def _sources() -> Iterator[tuple[str, str]]:
    """Every file that may hold sentences, as Python: its name and its text."""
    for module in BORROWED:
        spec = find_spec(module)
        if spec is None or spec.origin is None:
            raise LookupError(f"There is no module {module} any more.")
        yield module, Path(spec.origin).read_text()
    for floor in FLOORS:
        for path in sorted((HOUSE / floor).rglob("*.py")):
            if "migrations" not in path.parts:
                yield str(path.relative_to(HOUSE)), path.read_text()
    for path in sorted((HOUSE / "templates").rglob("*.html")):
        name = str(path.relative_to(HOUSE))
        # The text around the sentences becomes words of X, whose indentation means nothing.
        lines = templatize(path.read_text(), origin=name).splitlines()
        yield name, "\n".join(line.lstrip() for line in lines)
