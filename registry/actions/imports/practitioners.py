"""The register of a council from a file: practitioners matched by council number, compared and written in statements.

A file that is the whole register says also who left it: whoever was in it and is no longer is struck off.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from registry.actions.imports.kinds import Counts, Kind, Load
from registry.actions.practitioners import keys
from registry.core.cells import day, khmer_text
from registry.core.khmer import ascii_digits
from registry.core.mappings import CellRefused, Rule, Section, folded, shortened
from registry.models import Council, Practitioner
from registry.models.practitioner import HOME
from registry.permissions import check_may_import_register
from registry.states import Cadre

TEXTS = ("name_km", "name_en", "permission_number")
OTHERS = ("cadre", "nationality", "licensed_until", "permission_until")
FACTS = (*TEXTS, *OTHERS)
KEPT = ("name_km", "name_en", "nationality", "licensed_until")
KEYS = ("search_key", "sort_key")
NUMBER = "council_number"
RENEWED_AT_ONCE = 1_000


def listed(names: tuple[str, ...], table: str = "") -> str:
    return ", ".join(f"{table}{name}" for name in names)


CREATE = f"""
CREATE TEMPORARY TABLE import_staged AS
    SELECT {NUMBER}, {listed(FACTS)}, {listed(KEYS)} FROM registry_practitioner WITH NO DATA;
ALTER TABLE import_staged
    ADD row_number integer PRIMARY KEY, ADD original jsonb NOT NULL, ADD practitioner_id bigint, ADD action text,
    ADD fault text, ADD detail text, ADD candidates jsonb;
"""
COMPARE = (
    """
    SELECT count(*) FROM (
        SELECT id FROM registry_practitioner WHERE council_id = %(council)s ORDER BY id FOR NO KEY UPDATE
    ) locked
    """,
    """
    UPDATE import_staged s SET practitioner_id = p.id FROM registry_practitioner p
    WHERE p.council_id = %(council)s AND p.council_number = s.council_number
    """,
    # A cell that is empty leaves what the register knows; a constant profession is for new people; whoever is no
    # foreigner loses the permission.
    f"""
    UPDATE import_staged s SET
        {", ".join(f"{name} = COALESCE(s.{name}, p.{name})" for name in KEPT)},
        cadre = CASE WHEN %(cadre_is_constant)s THEN p.cadre ELSE COALESCE(s.cadre, p.cadre) END,
        permission_number = CASE WHEN COALESCE(s.nationality, p.nationality) <> %(home)s
                                 THEN COALESCE(s.permission_number, p.permission_number) ELSE s.permission_number END,
        permission_until = CASE WHEN COALESCE(s.nationality, p.nationality) <> %(home)s
                                THEN COALESCE(s.permission_until, p.permission_until) ELSE s.permission_until END
    FROM registry_practitioner p WHERE p.id = s.practitioner_id
    """,
    f"""
    UPDATE import_staged SET {", ".join(f"{name} = COALESCE({name}, '')" for name in TEXTS)},
        nationality = COALESCE(nationality, %(home)s)
    """,
    """
    UPDATE import_staged s SET fault = 'number_twice', detail = twice.first
    FROM (SELECT row_number, min(row_number) OVER (PARTITION BY council_number) AS first FROM import_staged) twice
    WHERE twice.row_number = s.row_number AND twice.first < s.row_number
    """,
    "UPDATE import_staged SET fault = 'no_name' WHERE fault IS NULL AND name_km = '' AND name_en = ''",
    "UPDATE import_staged SET fault = 'no_cadre' WHERE fault IS NULL AND cadre IS NULL",
    """
    UPDATE import_staged SET fault = 'no_permission'
    WHERE fault IS NULL AND nationality <> %(home)s AND (permission_number = '' OR permission_until IS NULL)
    """,
    """
    UPDATE import_staged SET fault = 'permission_of_a_national'
    WHERE fault IS NULL AND nationality = %(home)s AND (permission_number <> '' OR permission_until IS NOT NULL)
    """,
    f"""
    UPDATE import_staged s SET action = 'create' WHERE practitioner_id IS NULL;
    UPDATE import_staged s SET action = CASE
        WHEN p.struck_off_on IS NOT NULL OR ({listed(FACTS, "s.")}) IS DISTINCT FROM ({listed(FACTS, "p.")})
        THEN 'update' ELSE 'unchanged' END
    FROM registry_practitioner p WHERE p.id = s.practitioner_id
    """,
)
RENEW_KEYS = """
UPDATE import_staged s SET search_key = renewed.search_key, sort_key = renewed.sort_key
FROM unnest(%s::integer[], %s::text[], %s::text[]) AS renewed (row_number, search_key, sort_key)
WHERE s.row_number = renewed.row_number
"""
LEFT_THE_REGISTER = """
FROM registry_practitioner p WHERE p.council_id = %(council)s AND p.struck_off_on IS NULL
    AND NOT EXISTS (SELECT 1 FROM import_staged s WHERE s.council_number = p.council_number)
"""
LOAD = (
    f"""
    UPDATE registry_practitioner p SET {", ".join(f"{name} = s.{name}" for name in (*FACTS, *KEYS))},
        struck_off_on = NULL, source = %(source)s, changed_at = %(at)s
    FROM import_staged s WHERE s.fault IS NULL AND s.action = 'update' AND p.id = s.practitioner_id
    """,
    f"""
    INSERT INTO registry_practitioner
        (council_id, {NUMBER}, {listed(FACTS)}, {listed(KEYS)}, source, changed_at)
    SELECT %(council)s, {NUMBER}, {listed(FACTS)}, {listed(KEYS)}, %(source)s, %(at)s
    FROM import_staged s WHERE s.fault IS NULL AND s.action = 'create' ORDER BY row_number
    """,
)
STRIKE_OFF = f"""
UPDATE registry_practitioner SET struck_off_on = %(day)s, changed_at = %(at)s
WHERE id IN (SELECT p.id {LEFT_THE_REGISTER})
"""


class PractitionerLoad(Load):
    staged_columns = (NUMBER, *FACTS)

    def prepare(self, mapping: Section) -> None:
        self.options = mapping.file_options()
        code = mapping.text("council")
        council = Council.objects.filter(code=code).first()
        if council is None:
            raise mapping.refusal("council", _("the code of a council"))
        self.council = council
        fields = mapping.section("fields")
        self.rules = {field: fields.rule(field, self.options) for field in fields if field in (NUMBER, *FACTS)}
        fields.finish()
        if NUMBER not in self.rules:
            raise fields.refusal(NUMBER, _("a rule"))
        self.needed_columns = set[str]().union(*(rule.needs() for rule in self.rules.values()))

    def create_tables(self) -> None:
        self.drop_tables()
        self.run(CREATE)

    def row(self, cells: Mapping[str, str]) -> tuple[list[Any], list[CellRefused]]:
        found: dict[str, Any] = {}
        faults: list[CellRefused] = []
        for field, rule in self.rules.items():
            try:
                text = rule.meaning(cells)
                found[field] = READ[field](text, rule) if text else None
            except CellRefused as fault:
                faults.append(fault)
        if not faults and not found[NUMBER]:
            faults.append(CellRefused(self._named(NUMBER), "number_missing", _("The council number is empty.")))
        return [found.get(column) for column in self.staged_columns], faults

    def compare(self) -> None:
        for statement in COMPARE:
            self.run(statement, self._facts())
        self.run("CREATE INDEX ON import_staged (council_number)")
        self.run("ANALYZE import_staged")
        self._renew_keys()

    def counts(self) -> Counts:
        with connection.cursor() as cursor:
            cursor.execute("SELECT action, count(*) FROM import_staged WHERE fault IS NULL GROUP BY action")
            found = dict(cursor.fetchall())
            withdrawn = 0
            if self.job.is_complete:
                cursor.execute(f"SELECT count(*) {LEFT_THE_REGISTER}", self._facts())
                withdrawn = cursor.fetchone()[0]
        return Counts(found.get("create", 0), found.get("update", 0), found.get("unchanged", 0), withdrawn=withdrawn)

    def load(self) -> None:
        facts = self._facts() | {"at": self.at, "day": self.day, "source": self.job.file_name[:60]}
        for statement in (*LOAD, *([STRIKE_OFF] if self.job.is_complete else [])):
            self.run(statement, facts)

    def fault(self, code: str, detail: str) -> tuple[str, str]:
        column, sentence = {
            "number_twice": (NUMBER, _("Row %(detail)s has the same council number.")),
            "no_name": ("name_km", _("A new practitioner needs a name.")),
            "no_cadre": ("cadre", _("A new practitioner needs a profession.")),
            "no_permission": (
                "permission_number",
                _("A foreigner needs a permission to practise: give its number and its last day."),
            ),
            "permission_of_a_national": ("permission_number", _("Only foreigners have a permission to practise.")),
        }[code]
        return self._named(column), sentence % {"detail": detail}

    def _facts(self) -> dict[str, Any]:
        rule = self.rules.get("cadre")
        constant = rule is not None and bool(rule.constant)
        return {"council": self.council.pk, "home": HOME, "cadre_is_constant": constant}

    def _named(self, field: str) -> str:
        return self.rules[field].named if field in self.rules else ""

    def _renew_keys(self) -> None:
        """Search and sort keys from names of which the file may give only one."""
        last = 0
        while True:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT row_number, name_km, name_en FROM import_staged WHERE row_number > %s AND"
                    f" action <> 'unchanged' AND fault IS NULL ORDER BY row_number LIMIT {RENEWED_AT_ONCE}",
                    [last],
                )
                rows = [(number, *keys(name_km, name_en).values()) for number, name_km, name_en in cursor.fetchall()]
                if not rows:
                    return
                cursor.execute(RENEW_KEYS, [list(column) for column in zip(*rows, strict=True)])
            last = rows[-1][0]


def _text(field: str) -> Callable[[str, Rule], str]:
    longest: int = vars(Practitioner._meta.get_field(field))["max_length"]

    def read(text: str, rule: Rule) -> str:
        if len(text) > longest:
            sentence = _("The text has %(length)s characters; %(most)s is the most.")
            raise CellRefused(rule.named, "too_long", sentence % {"length": len(text), "most": longest})
        return text

    return read


def _number(field: str) -> Callable[[str, Rule], str]:
    return lambda text, rule: _text(field)(" ".join(ascii_digits(text).split()), rule)


def _cadre(text: str, rule: Rule) -> str:
    if folded(text) not in Cadre.values:
        sentence = _("“%(text)s” is not among the values that the register knows.") % {"text": shortened(text)}
        raise CellRefused(rule.named, "unknown_cadre", sentence)
    return folded(text)


def _nationality(text: str, rule: Rule) -> str:
    code = text.strip().upper()
    if not (len(code) == len(HOME) and code.isascii() and code.isalpha()):
        sentence = _("“%(text)s” is not the two letters of a country.") % {"text": shortened(text)}
        raise CellRefused(rule.named, "unknown_country", sentence)
    return code


READ: dict[str, Callable[[str, Rule], Any]] = {
    NUMBER: _number(NUMBER),
    "name_km": lambda text, rule: _text("name_km")(khmer_text(text, rule.named), rule),
    "name_en": _text("name_en"),
    "cadre": _cadre,
    "nationality": _nationality,
    "licensed_until": lambda text, rule: day(text, rule.named, written_as=rule.format),
    "permission_number": _number("permission_number"),
    "permission_until": lambda text, rule: day(text, rule.named, written_as=rule.format),
}

PRACTITIONERS = Kind(
    code="practitioners",
    name=gettext_lazy("Registers of councils"),
    mappings=Path(__file__).resolve().parents[2] / "data" / "mappings" / "councils",
    load=PractitionerLoad,
    check_may_import=check_may_import_register,
    may_be_complete=True,
)
