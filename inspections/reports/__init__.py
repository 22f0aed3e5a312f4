"""What pages say about visits and about who is to be visited next."""

from inspections.reports.evidence import Signer, photos_by_item, signers
from inspections.reports.explanations import explanation
from inspections.reports.filling import Progress, carried_findings, progress, refusals
from inspections.reports.findings import course_of_action, course_of_finding, item_of
from inspections.reports.receipts import receipt
from inspections.reports.visits import history, steps_open_to
from inspections.reports.work import DAYS_AHEAD, LONG_AGO, Counts, counts, due_list

__all__ = [
    "DAYS_AHEAD",
    "LONG_AGO",
    "Counts",
    "Progress",
    "Signer",
    "carried_findings",
    "counts",
    "course_of_action",
    "course_of_finding",
    "due_list",
    "explanation",
    "history",
    "item_of",
    "photos_by_item",
    "progress",
    "receipt",
    "refusals",
    "signers",
    "steps_open_to",
]
