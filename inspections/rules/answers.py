"""One answer as it is written into a visit."""

from collections.abc import Mapping

from inspections.models import ChecklistItem
from inspections.states import Answer, AnswerKind, Scope
from registry.core.khmer import ascii_digits

CARRIED = "finding:"
"""What stands before the key of an earlier finding where it is answered together with the items of the checklist."""
WEIGHING = ("severity", "scope", "corrected")


def tidy(item: ChecklistItem | None, given: Mapping[str, str]) -> dict[str, str]:
    """The answer as it is stored: trimmed, without what is empty, numbers in ASCII digits with a decimal point.

    Severity, scope and correction belong to a no or a partly, and only where they differ from what the item says
    by itself. `item` is None for an earlier finding.
    """
    kept = {name: text.replace("\r\n", "\n").strip() for name, text in given.items()}
    if item is not None and item.kind in (AnswerKind.COUNT, AnswerKind.MEASURE):
        kept["value"] = ascii_digits(kept.get("value", "")).replace(",", ".")
    if kept.get("answer") not in (Answer.NO, Answer.PARTIAL):
        kept = {name: text for name, text in kept.items() if name not in WEIGHING}
    usual = {"severity": str(item.severity), "scope": str(Scope.ISOLATED.value)} if item is not None else {}
    return {name: text for name, text in kept.items() if text and text != usual.get(name)}
