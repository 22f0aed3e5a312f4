"""Facilities from a file: matched by identifier, compared and written by statements over all rows."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from registry.accounts.states import PROVINCIAL_ROLES
from registry.actions.facilities import keys
from registry.actions.imports import facility_sql as sql
from registry.actions.imports.facility_cells import FIELDS, FacilityCells
from registry.actions.imports.kinds import Counts, Kind, Load
from registry.core.mappings import CellRefused, Rule, Section
from registry.states import STATUS_TRANSITIONS, OperationalStatus, Ownership

KEYS_AT_ONCE = 1_000


class FacilityLoad(Load):
    staged_columns = ("key", "services", *sql.FACTS)

    def prepare(self, mapping: Section) -> None:
        self.options = mapping.file_options()
        self.identifier = mapping.section("identifier").identifier()
        fields = mapping.section("fields")
        self.rules: dict[str, Rule] = {field: fields.rule(field, self.options) for field in fields if field in FIELDS}
        fields.finish()
        self.services: list[tuple[Rule, str]] = []
        for section in mapping.sections("services"):
            code = section.text("service", "")
            self.services.append((section.as_rule(section.path("column"), self.options), code))
            section.finish()
        rules = [*self.rules.values(), *(rule for rule, _code in self.services)]
        self.needed_columns = {*self.identifier.columns}.union(*(rule.needs() for rule in rules))
        self.cells = FacilityCells(self.rules, self.services)

    def create_tables(self) -> None:
        self.drop_tables()
        self.run(sql.CREATE)

    def row(self, cells: Mapping[str, str]) -> tuple[list[Any], list[CellRefused]]:
        faults: list[CellRefused] = []
        key = ""
        try:
            key = self.identifier.value(cells)
        except CellRefused as fault:
            faults.append(fault)
        found, more = self.cells.read(cells)
        found["key"] = key
        return [found.get(column) for column in self.staged_columns], faults + more

    def compare(self) -> None:
        self.run(sql.MATCH, {"system": self.identifier.system})
        self.run(sql.LOCK)
        self.run(sql.COMPLETE, {"keep_status": not self._tells_status})
        self.run(sql.BEGIN, {"ownership": Ownership.UNKNOWN, "status": OperationalStatus.OPERATING})
        for statement in sql.FAULTS:
            self.run(statement, self._limits())
        self.run(sql.DECIDE, {"spoken": self._spoken()})
        # Without this the planner takes the statistics of before, when no row had an action, and compares all with all.
        self.run("ANALYZE import_staged")
        self._renew_keys()
        self.run(sql.DUPLICATES)

    def counts(self) -> Counts:
        with connection.cursor() as cursor:
            cursor.execute("SELECT action, count(*) FROM import_staged WHERE fault IS NULL GROUP BY action")
            found = dict(cursor.fetchall())
        return Counts(found.get("create", 0), found.get("update", 0), found.get("unchanged", 0))

    def load(self) -> None:
        facts = {
            "at": self.at,
            "day": self.day,
            "by": self.by.pk if self.by else None,
            "system": self.identifier.system,
            "spoken": self._spoken(),
            "reason": _("Import of %(file)s") % {"file": self.job.file_name},
        }
        for statement in sql.LOAD:
            self.run(statement, facts)

    def fault(self, code: str, detail: str) -> tuple[str, str]:
        column, sentence = {
            "identifier_twice": (
                self.identifier.named,
                _("Row %(detail)s has the same identifier, or is the same facility."),
            ),
            "another_province": (self._named("area"), _("This facility is not in your province.")),
            "no_name": (self._named("name_en", "name_km"), _("A new facility needs a name.")),
            "no_type": (self._named("type"), _("A new facility needs a type.")),
            "district_elsewhere": (
                self._named("operational_district"),
                _("This operational district is not in the province of the facility."),
            ),
            "status_not_reachable": (
                self._named("operational_status"),
                _("The register says “%(detail)s”; the status cannot change from that to this one today."),
            ),
        }[code]
        return column, sentence % {"detail": dict(OperationalStatus.choices).get(detail, detail)}

    @property
    def _tells_status(self) -> bool:
        """Whether the file speaks of each row's status. A constant is for new facilities: the register knows better."""
        rule = self.rules.get("operational_status")
        return rule is not None and not rule.constant

    def _limits(self) -> dict[str, Any]:
        provincial = self.by is not None and self.by.role in PROVINCIAL_ROLES
        reachable = [f"{start} {end}" for start, ends in STATUS_TRANSITIONS.items() for end in ends]
        return {
            "province": self.by.province_id if provincial and self.by else None,
            "provincial": provincial,
            "reachable": reachable,
            "day": self.day,
        }

    def _spoken(self) -> list[int] | None:
        """The services that this file can say yes or no to; None for all."""
        keys = self.cells.service_keys
        return None if None in keys else [key for key in keys if key is not None]

    def _renew_keys(self) -> None:
        """Search and sort keys of the facilities that change, from names of which the file may give only one."""
        last = 0
        while True:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT row_number, name_km, name_en FROM import_staged WHERE row_number > %s AND"
                    f" action = 'update' AND fault IS NULL ORDER BY row_number LIMIT {KEYS_AT_ONCE}",
                    [last],
                )
                rows = [(number, *keys(name_km, name_en).values()) for number, name_km, name_en in cursor.fetchall()]
                if not rows:
                    return
                cursor.execute(sql.RENEW_KEYS, [list(column) for column in zip(*rows, strict=True)])
            last = rows[-1][0]

    def _named(self, *fields: str) -> str:
        return next((self.rules[field].named for field in fields if field in self.rules), self.identifier.named)


FACILITIES = Kind(
    code="facilities",
    name=gettext_lazy("Facilities"),
    mappings=Path(__file__).resolve().parents[2] / "data" / "mappings",
    load=FacilityLoad,
)
