"""The mapping language: a TOML file that says which columns of a file become which facts, and how they are read.

docs/imports.md describes it for people. What a fact means (an area, a type) is for the floor that loads it.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from registry.core.errors import Refused
from registry.core.khmer import ascii_digits
from registry.core.tables import FileRefused, Row


class MappingRefused(Refused):
    """A mapping file that cannot be used; the sentence names the key."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, code="mapping_invalid")


class CellRefused(Exception):
    """A value that cannot be loaded: the file's name of the column, a code and a sentence."""

    def __init__(self, column: str, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.column = column
        self.code = code
        self.sentence = sentence

    def as_error(self) -> dict[str, str]:
        return {"column": self.column, "code": self.code, "sentence": self.sentence}


@dataclass(frozen=True)
class FileOptions:
    """What the mapping says about the file itself; what is empty is found out."""

    encoding: str = ""
    separator: str = ""
    sheet: str = ""
    header_row: int = 1
    empty: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Rule:
    """Where one fact comes from: a constant, or columns joined by `join`, and how the text is understood."""

    key: str
    columns: tuple[str, ...] = ()
    constant: str = ""
    values: Mapping[str, str] | None = None
    """Texts of the file, folded, and what each means; a text that is not there is refused unless there is `other`."""
    other: str | None = None
    empty: frozenset[str] = frozenset()
    join: str = ", "
    format: str = ""
    width: int = 0
    by: str = "code"
    separator: str = ";"
    first: tuple[str, ...] = ()
    when: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @property
    def named(self) -> str:
        """The column or columns as a person knows them."""
        return ", ".join(self.columns)

    def needs(self) -> set[str]:
        return {*self.columns, *self.when}

    def text(self, cells: Mapping[str, str]) -> str:
        """The text in the row, empty markers taken away, before `values` are asked."""
        if any(folded(cells[column]) not in wanted for column, wanted in self.when.items()):
            return ""
        if self.constant:
            return self.constant
        parts = (cells[column] for column in self.columns)
        text = self.join.join(part for part in parts if part and folded(part) not in self.empty)
        return text.rjust(self.width, "0") if text and self.width else text

    def meaning(self, cells: Mapping[str, str]) -> str:
        """The text, or what `values` say it stands for. Raises CellRefused."""
        return self.means(self.text(cells))

    def means(self, text: str) -> str:
        if self.values is None or not text or self.constant:
            return text
        meant = self.values.get(folded(text), self.other)
        if meant is None:
            sentence = _("“%(text)s” is not among the values that the mapping knows.") % {"text": shortened(text)}
            raise CellRefused(self.named, "unknown_value", sentence)
        return meant


@dataclass(frozen=True)
class IdentifierRule:
    """Which columns together are the identifier of a facility in another system."""

    system: str
    columns: tuple[str, ...]
    width: int = 0

    @property
    def named(self) -> str:
        return ", ".join(self.columns)

    def value(self, cells: Mapping[str, str]) -> str:
        """The identifier, its parts joined by “ | ”. Raises CellRefused where the whole of it is empty."""
        parts = [ascii_digits(cells[column]) for column in self.columns]
        parts = [part.rjust(self.width, "0") if part else "" for part in parts]
        if not any(parts):
            raise CellRefused(self.named, "identifier_missing", _("The identifier is empty."))
        value = " | ".join(parts)
        if len(value) > LONGEST_IDENTIFIER:
            raise CellRefused(self.named, "too_long", _("The identifier is too long."))
        return value


LONGEST_IDENTIFIER = 200


def folded(text: str) -> str:
    """The text as it is compared with the texts of a mapping: white space and capitals make no difference."""
    return " ".join(text.split()).casefold()


def shortened(text: str) -> str:
    return text if len(text) <= 80 else text[:79] + "…"


class Section:
    """One table of the document, read key by key; `finish` refuses what nobody asked for."""

    def __init__(self, table: Mapping[str, Any], path: str = "") -> None:
        self._table = dict(table)
        self._path = path

    @classmethod
    def parse(cls, text: str) -> "Section":
        try:
            return cls(tomllib.loads(text))
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            raise MappingRefused(_("The mapping is not valid TOML: %(error)s.") % {"error": error}) from error

    def path(self, key: str) -> str:
        return f"{self._path}.{key}" if self._path else key

    def __contains__(self, key: str) -> bool:
        return key in self._table

    def __iter__(self) -> Iterator[str]:
        return iter(list(self._table))

    def text(self, key: str, default: str | None = None) -> str:
        return self._take(key, str, _("a text"), default)

    def number(self, key: str, default: int | None = None) -> int:
        value = self._take(key, int, _("a whole number"), default)
        if isinstance(value, bool) or value < 0:
            raise self.refusal(key, _("a whole number"))
        return value

    def texts(self, key: str, default: Sequence[str] | None = None) -> tuple[str, ...]:
        value = self._take(key, list, _("a list of texts"), default)
        if not all(isinstance(text, str) for text in value):
            raise self.refusal(key, _("a list of texts"))
        return tuple(value)

    def day(self, key: str) -> date:
        return self._take(key, date, _("a date"), None)

    def section(self, key: str, *, optional: bool = False) -> "Section":
        return Section(self._take(key, dict, _("a table"), {} if optional else None), self.path(key))

    def sections(self, key: str) -> list["Section"]:
        tables = self._take(key, list, _("a list of tables"), [])
        if not all(isinstance(table, dict) for table in tables):
            raise self.refusal(key, _("a list of tables"))
        return [Section(table, f"{self.path(key)}[{number}]") for number, table in enumerate(tables, 1)]

    def rule(self, key: str, options: FileOptions) -> Rule:
        """A rule: the name of a column, or a table."""
        value = self._table.get(key)
        if isinstance(value, str):
            del self._table[key]
            return Rule(self.path(key), columns=(value,), empty=options.empty)
        table = self.section(key)
        rule = table.as_rule(self.path(key), options)
        table.finish()
        return rule

    def as_rule(self, path: str, options: FileOptions) -> Rule:
        columns = (self.text("column"),) if "column" in self else self.texts("columns", ())
        constant = self.text("constant", "")
        if bool(columns) == bool(constant):
            raise MappingRefused(_("“%(key)s” needs either a column, a list of columns or a constant.") % {"key": path})
        values = None
        if "values" in self:
            section = self.section("values")
            values = {folded(key): section.text(key) for key in section}
        return Rule(
            path,
            columns=columns,
            constant=constant,
            values=values,
            other=self.text("other", "") if "other" in self else None,
            empty=options.empty | {folded(text) for text in self.texts("empty", ())},
            join=self.text("join", ", "),
            format=self.text("format", ""),
            width=self.number("width", 0),
            by=self.text("by", "code"),
            separator=self.text("separator", ";"),
            first=self.texts("first", ()),
            when=self._when(),
        )

    def _when(self) -> dict[str, frozenset[str]]:
        section = self.section("when", optional=True)
        return {key: frozenset(folded(text) for text in section.texts(key)) for key in section}

    def identifier(self) -> IdentifierRule:
        columns = (self.text("column"),) if "column" in self else self.texts("columns")
        if not columns:
            raise self.refusal("columns", _("a list of texts"))
        rule = IdentifierRule(self.text("system"), columns, self.number("width", 0))
        self.finish()
        if not rule.system or len(rule.system) > 60:
            raise self.refusal("system", _("a text of 1 to 60 characters"))
        return rule

    def file_options(self) -> FileOptions:
        section = self.section("file", optional=True)
        options = FileOptions(
            encoding=section.text("encoding", ""),
            separator=section.text("separator", ""),
            sheet=section.text("sheet", ""),
            header_row=section.number("header_row", 1) or 1,
            empty=frozenset(folded(text) for text in section.texts("empty", ())),
        )
        section.finish()
        if options.encoding:
            try:
                "".encode(options.encoding)
            except LookupError as error:
                raise section.refusal("encoding", _("the name of an encoding")) from error
        if len(options.separator) > 1:
            raise section.refusal("separator", _("one character"))
        return options

    def finish(self) -> None:
        for key in self._table:
            raise MappingRefused(_("“%(key)s” is not a key that a mapping may have here.") % {"key": self.path(key)})

    def refusal(self, key: str, wanted: str) -> MappingRefused:
        return MappingRefused(_("“%(key)s” must be %(wanted)s.") % {"key": self.path(key), "wanted": wanted})

    def _take(self, key: str, kind: type, wanted: str, default: Any) -> Any:
        if key not in self._table:
            if default is None:
                raise MappingRefused(_("The mapping lacks “%(key)s”.") % {"key": self.path(key)})
            return default
        value = self._table.pop(key)
        if not isinstance(value, kind):
            raise self.refusal(key, wanted)
        return value


class Columns:
    """Where the columns that a mapping names stand in a file. Raises FileRefused for one that is not there once."""

    def __init__(self, header: Row, needed: set[str]) -> None:
        self.names = [folded_header(name) for name in header.cells]
        for column in sorted(needed):
            count = self.names.count(folded_header(column))
            if count != 1:
                sentence = (
                    _("The file has the column “%(column)s” more than once.")
                    if count
                    else _("The file has no column “%(column)s”.")
                )
                code = "column_twice" if count else "column_missing"
                raise FileRefused(sentence % {"column": column}, code=code, row=header.number, column=column)
        self._places = {column: self.names.index(folded_header(column)) for column in needed}

    def cells(self, row: Row) -> dict[str, str]:
        return {column: row.cells[place] for column, place in self._places.items()}


def folded_header(name: str) -> str:
    return " ".join(name.split())
