"""Everything that can happen to a complaint."""

from enforcement.actions.complaints.answering import add, answer, close, note, read_contact, reject, reopen, reply
from enforcement.actions.complaints.handling import (
    assign,
    investigate,
    match,
    merge,
    plan_visit,
    register_premises,
    triage,
)
from enforcement.actions.complaints.receiving import receive

__all__ = [
    "add",
    "answer",
    "assign",
    "close",
    "investigate",
    "match",
    "merge",
    "note",
    "plan_visit",
    "read_contact",
    "receive",
    "register_premises",
    "reject",
    "reopen",
    "reply",
    "triage",
]
