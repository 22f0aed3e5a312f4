"""What the terms of a licence say, as plain values: to copy, to compare and to write down."""

from collections.abc import Collection
from typing import Any

from licensing.models import LicenceTerms
from licensing.states import ApplicationKind

FACTS = (
    "validity_months",
    "visit_needed",
    "minimum_band",
    "target_days",
    "appeal_days",
    "payment_days",
    "reminder_days",
    "basis",
)
DOCUMENT = ("code", "name_km", "name_en", "kinds", "optional")

Contents = dict[str, Any]
"""The FACTS by their names; "fees": riel by kind of application, none below 1; "documents": a list of DOCUMENT."""


def contents(terms: LicenceTerms) -> Contents:
    """Everything terms say but the day from which they hold; documents in the order in which they were written,
    everything else in one order whatever it was written in, so that equal contents say the same.
    """
    return {
        **{name: getattr(terms, name) for name in FACTS},
        "reminder_days": sorted(terms.reminder_days, reverse=True),
        "fees": {fee.kind: fee.amount_khr for fee in terms.fees.order_by("pk") if fee.amount_khr},
        "documents": [
            {name: getattr(document, name) for name in DOCUMENT} | {"kinds": _in_order(document.kinds)}
            for document in terms.documents.order_by("pk")
        ],
    }


def _in_order(kinds: Collection[str]) -> list[str]:
    return [kind for kind in ApplicationKind.values if kind in kinds]
