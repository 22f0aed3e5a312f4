"""What repeated visits say: how often two inspectors differ, by item and by inspector."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet

from inspections import rules
from inspections.models import BackCheck
from inspections.rules.discrepancy import Difference, compare, rate
from inspections.states import VisitOutcome, VisitState


@dataclass
class Tally:
    """So many compared answers of something (an inspector, an item), so many of which differ."""

    name: Any
    repeats: int = 0
    compared: int = 0
    differing: int = 0
    graver: int = 0

    @property
    def rate(self) -> int | None:
        return rate(self.differing, self.compared)

    def add(self, differences: Iterable[Difference]) -> None:
        self.repeats += 1
        for difference in differences:
            self.compared += 1
            self.differing += difference.differs
            self.graver += difference.graver


@dataclass
class Results:
    """All repeats that are decided: together, by the inspector of the first visit, by item, each the worst first."""

    whole: Tally
    inspectors: list[Tally] = field(default_factory=list)
    items: list[Tally] = field(default_factory=list)


def decided(user: Any) -> QuerySet[BackCheck]:
    """Back-checks that `user` sees and whose repeat is approved as completed; nothing is compared before."""
    checks: QuerySet[BackCheck] = BackCheck.objects.visible_to(user).filter(
        repeat__state=VisitState.APPROVED, repeat__outcome=VisitOutcome.COMPLETED
    )
    return checks


def differences(check: BackCheck) -> list[Difference]:
    """Item by item what the two visits say; empty until the repeat is approved as completed."""
    repeat, version = check.repeat, check.original.checklist_version
    if repeat is None or repeat.state != VisitState.APPROVED or repeat.outcome != VisitOutcome.COMPLETED:
        return []
    return compare(rules.structure(version), check.original.answers, repeat.answers)


def results(user: Any, checks: QuerySet[BackCheck] | None = None) -> Results:
    """The tallies over the decided back-checks that `user` sees; one query more for each checklist version."""
    rows = (decided(user) if checks is None else checks).select_related(
        "original__inspector", "original__checklist_version__checklist", "repeat"
    )
    whole = Tally(None)
    inspectors: dict[Any, Tally] = {}
    items: dict[str, Tally] = {}
    structures: dict[int, rules.Structure] = {}
    for check in rows.order_by("pk").iterator(chunk_size=200):
        original, repeat = check.original, check.repeat
        version = original.checklist_version
        if version is None or repeat is None:
            continue
        if version.pk not in structures:
            structures[version.pk] = rules.structure(version)
        found = compare(structures[version.pk], original.answers, repeat.answers)
        whole.add(found)
        inspectors.setdefault(original.inspector_id, Tally(original.inspector)).add(found)
        for difference in found:
            key = f"{version.checklist.code} {difference.key}"
            items.setdefault(key, Tally(f"{difference.key} {difference.item}")).add([difference])
    return Results(whole, _worst_first(inspectors.values()), _worst_first(items.values()))


def _worst_first(tallies: Iterable[Tally]) -> list[Tally]:
    return sorted(tallies, key=lambda tally: (-(tally.rate or 0), -tally.compared, str(tally.name)))
