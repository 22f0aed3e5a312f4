"""Historic visits and their findings from a file: decided long ago, they move standings like any other."""

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inspections import rules
from inspections.actions import import_sql as sql
from inspections.actions import standings
from inspections.models import Finding, Ruleset, Visit
from inspections.permissions import check_may_keep_rulebooks
from inspections.states import GRID, Purpose, Scope, Severity, VersionState, VisitOutcome
from registry.accounts.states import PROVINCIAL_ROLES
from registry.actions.imports import Counts, Kind, Load
from registry.audit.actions import record
from registry.core.cells import day, percentage
from registry.core.mappings import CellRefused, MappingRefused, Rule, Section, folded, shortened

VISIT = {
    "key": "source_key",
    "visited_on": "visited_on",
    "purpose": "purpose",
    "outcome": "outcome",
    "note": "note",
    "score": "score",
}
FINDING = {
    "key": "item_code",
    "clause": "clause",
    "text": "text",
    "grid": "grid",
    "severity": "severity",
    "scope": "scope",
    "corrected_on": "corrected_on",
}
"""What `[visit]` and `[finding]` of a mapping may name, and what becomes of it."""

CHOICES: dict[str, Any] = {"purpose": Purpose, "outcome": VisitOutcome, "severity": Severity, "scope": Scope}
KNOWN = {
    column: {folded(str(choice.value)): choice.value for choice in choices} for column, choices in CHOICES.items()
} | {"grid": {letter.casefold(): letter for letter in GRID}}
LONGEST = {
    column: vars(model._meta.get_field(column))["max_length"]
    for model, column in ((Visit, "source_key"), (Finding, "item_code"), (Finding, "clause"))
}
DEFAULTS = {"purpose": Purpose.ROUTINE, "outcome": VisitOutcome.COMPLETED, "note": "", "band": ""}


class VisitLoad(Load):
    tables = ("import_staged", "import_visits")
    staged_columns = (
        *("key", "source_key", "visited_on", "purpose", "outcome", "note", "score", "band", "next_due_on"),
        *("item_code", "clause", "text", "severity", "scope", "corrected_on"),
    )

    def prepare(self, mapping: Section) -> None:
        self.options = mapping.file_options()
        self.source = mapping.text("source")
        if not 0 < len(self.source) <= 60:
            raise mapping.refusal("source", _("a text of 1 to 60 characters"))
        self.identifier = mapping.section("facility").identifier()
        self.rules = self._rules(mapping.section("visit"), VISIT)
        self.needed = ["visited_on"]
        if "finding" in mapping:
            finding = self._rules(mapping.section("finding"), FINDING)
            self.needed += ["item_code", "clause", "grid" if "grid" in finding else "severity"]
            self.rules |= finding
        if missing := set(self.needed) - set(self.rules):
            keys = {column: key for key, column in (VISIT | FINDING).items()} | {"item_code": "key"}
            raise MappingRefused(_("The mapping lacks “%(key)s”.") % {"key": keys[min(missing)]})
        self.ruleset = self._ruleset(mapping.section("ruleset"))
        self.needed_columns = {*self.identifier.columns}.union(*(rule.needs() for rule in self.rules.values()))

    def create_tables(self) -> None:
        self.drop_tables()
        self.run(sql.CREATE)

    def row(self, cells: Mapping[str, str]) -> tuple[list[Any], list[CellRefused]]:
        found: dict[str, Any] = dict(DEFAULTS)
        faults: list[CellRefused] = []
        try:
            found["key"] = self.identifier.value(cells)
        except CellRefused as fault:
            faults.append(fault)
        for column, rule in self.rules.items():
            try:
                if text := rule.meaning(cells):
                    found[column] = self._fact(column, text, rule)
                elif column in self.needed:
                    faults.append(CellRefused(rule.named, "empty", _("The cell is empty.")))
            except CellRefused as fault:
                faults.append(fault)
        if not faults:
            self._conclude(found)
        return [found.get(column) for column in self.staged_columns], faults

    def compare(self) -> None:
        provincial = self.by is not None and self.by.role in PROVINCIAL_ROLES
        values = {
            "system": self.identifier.system,
            "source": self.source,
            "purposes": list(self.rules["purpose"].first) if "purpose" in self.rules else [],
            "ruleset": self.ruleset.pk,
            "provincial": provincial,
            "province": self.by.province_id if self.by else None,
        }
        for statement in (*sql.FAULTS, sql.DECIDE):
            self.run(statement, values)
        self.run("ANALYZE import_staged")

    def counts(self) -> Counts:
        found = self._actions("import_staged WHERE fault IS NULL")
        return Counts(found.get("create", 0), found.get("update", 0), found.get("unchanged", 0))

    def more(self) -> dict[str, int]:
        found = self._actions("import_visits")
        actions = {"created": "create", "updated": "update", "unchanged": "unchanged"}
        return {f"visits_{name}": found.get(action, 0) for name, action in actions.items()}

    def load(self) -> None:
        self._keep_ruleset()
        values = {"source": self.source, "ruleset": self.ruleset.pk, "at": self.at, "letters": GRID}
        for statement in sql.LOAD:
            self.run(statement, values)
        with connection.cursor() as cursor:
            cursor.execute(sql.MOVED)
            moved = [pk for (pk,) in cursor.fetchall()]
        standings.refresh(moved)

    def fault(self, code: str, detail: str) -> tuple[str, str]:
        column, sentence = {
            "unknown_facility": (
                self.identifier.named,
                _("No facility that you may change has the identifier “%(detail)s”."),
            ),
            "row_twice": (
                self.rules["item_code"].named if "item_code" in self.rules else self.identifier.named,
                _("Row %(detail)s says the same of the same visit."),
            ),
            "rows_disagree": (
                self.identifier.named,
                _("This row and row %(detail)s are of one visit, but say different things about it."),
            ),
            "visit_elsewhere": (self.identifier.named, _("This visit was imported for another facility before.")),
        }[code]
        return column, sentence % {"detail": shortened(detail)}

    def _fact(self, column: str, text: str, rule: Rule) -> Any:
        if column in KNOWN:
            known = KNOWN[column].get(folded(text))
            if known is None:
                sentence = _("“%(text)s” is not among the values that the register knows.")
                raise CellRefused(rule.named, "unknown_value", sentence % {"text": shortened(text)})
            return known
        if column == "score":
            return percentage(text, rule.named)
        if column in ("visited_on", "corrected_on"):
            found = day(text, rule.named, written_as=rule.format)
            if column == "visited_on" and found > self.day:
                raise CellRefused(rule.named, "in_the_future", _("The day of the visit has not come yet."))
            return found
        if len(text) > LONGEST.get(column, len(text)):
            sentence = _("The text has %(length)s characters; %(most)s is the most.")
            raise CellRefused(rule.named, "too_long", sentence % {"length": len(text), "most": LONGEST[column]})
        return text

    def _conclude(self, found: dict[str, Any]) -> None:
        """What follows from what the row says: severity and scope from the letter, the band, the next due day."""
        if letter := found.get("grid"):
            severity, scope = divmod(GRID.index(letter), len(Scope))
            found["severity"], found["scope"] = severity + 1, scope + 1
        if "clause" in found:
            found.setdefault("scope", Scope.ISOLATED)
            found.setdefault("text", "")
        found.setdefault("source_key", f"{found['key']} | {found['visited_on']}"[: LONGEST["source_key"]])
        band = None
        if (score := found.get("score")) is not None:
            found["score"] = rules.rounded(Fraction(score), self.ruleset)
            band = rules.band_for(score, self.ruleset)
            found["band"] = band.code if band else ""
        found["next_due_on"] = rules.next_due(found["visited_on"], band, self.ruleset)

    def _rules(self, section: Section, names: Mapping[str, str]) -> dict[str, Rule]:
        rules_ = {names[key]: section.rule(key, self.options) for key in section if key in names}
        section.finish()
        for column in set(KNOWN) & set(rules_):
            rule = rules_[column]
            meanings = [rule.constant] if rule.constant else [*(rule.values or {}).values(), *rule.first]
            for text in meanings:
                if text and folded(text) not in KNOWN[column]:
                    raise MappingRefused(_("“%(key)s”: there is no “%(text)s”.") % {"key": rule.key, "text": text})
        return rules_

    def _ruleset(self, section: Section) -> Ruleset:
        """The ruleset of that code, or the one that the mapping describes, which is kept when the file is loaded.

        A mapping can describe only how long the longest time between two visits was. It is kept as retired: the
        record of old visits refers to it, and no new visit is ever judged by it.
        """
        code = section.text("code")
        months = section.number("hard_maximum_months", 0)
        kept = Ruleset.objects.filter(code=code).prefetch_related("bands").order_by("-number").first()
        if months:
            described = Ruleset(
                code=code,
                number=1,
                name=section.text("name", code),
                source=section.text("source", ""),
                state=VersionState.RETIRED,
                valid_from=section.day("valid_from"),
                hard_maximum_months=months,
            )
            section.finish()
            if kept is None:
                check_may_keep_rulebooks(self.by)
                if "score" in self.rules:
                    raise MappingRefused(_("Scores need a ruleset with bands, which a mapping cannot describe."))
                return described
            if kept.hard_maximum_months != months:
                raise MappingRefused(
                    _("“ruleset.hard_maximum_months” is %(months)s, but the register has this ruleset with %(kept)s.")
                    % {"months": months, "kept": kept.hard_maximum_months}
                )
        section.finish()
        if kept is None:
            raise MappingRefused(_("“ruleset.code”: there is no ruleset “%(code)s”.") % {"code": code})
        return kept

    def _keep_ruleset(self) -> None:
        if self.ruleset._state.adding:
            self.ruleset.save(force_insert=True)
            facts = {"code": self.ruleset.code, "hard_maximum_months": self.ruleset.hard_maximum_months}
            record(verb="ruleset.kept_for_history", subject=self.ruleset, by=self.by, at=self.at, facts=facts)

    def _actions(self, rows: str) -> dict[str, int]:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT action, count(*) FROM {rows} GROUP BY action")
            return dict(cursor.fetchall())


VISITS = Kind(
    code="visits",
    name=gettext_lazy("Historic visits"),
    mappings=Path(__file__).resolve().parents[1] / "data" / "visit_mappings",
    load=VisitLoad,
)
