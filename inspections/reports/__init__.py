"""What pages say about visits and about who is to be visited next."""

from inspections.reports.explanations import explanation
from inspections.reports.visits import history, steps_open_to
from inspections.reports.work import DAYS_AHEAD, Counts, counts, due_list

__all__ = ["DAYS_AHEAD", "Counts", "counts", "due_list", "explanation", "history", "steps_open_to"]
