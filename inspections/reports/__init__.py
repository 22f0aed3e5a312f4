"""What pages say about visits and about who is to be visited next."""

from inspections.reports.evidence import Signer, photos_by_item, signers
from inspections.reports.explanations import explanation
from inspections.reports.filling import Progress, carried_findings, progress, refusals
from inspections.reports.receipts import receipt
from inspections.reports.visits import history, steps_open_to
from inspections.reports.work import DAYS_AHEAD, Counts, counts, due_list

__all__ = [
    "DAYS_AHEAD",
    "Counts",
    "Progress",
    "Signer",
    "carried_findings",
    "counts",
    "due_list",
    "explanation",
    "history",
    "photos_by_item",
    "progress",
    "receipt",
    "refusals",
    "signers",
    "steps_open_to",
]
