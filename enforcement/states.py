from django.db import models
from django.utils.translation import gettext_lazy as _


class SweepState(models.TextChoices):
    RUNNING = "running", _("Running")
    COMPLETED = "completed", _("Completed")
    FAILED = "failed", _("Failed")
    INTERRUPTED = "interrupted", _("Interrupted")


SWEEP_TRANSITIONS: dict[str, tuple[str, ...]] = {
    SweepState.RUNNING: (SweepState.COMPLETED, SweepState.FAILED, SweepState.INTERRUPTED),
    SweepState.COMPLETED: (),
    SweepState.FAILED: (),
    SweepState.INTERRUPTED: (),
}


class FlagSeverity(models.IntegerChoices):
    NOTICE = 1, _("Notice")
    WARNING = 2, _("Warning")
    SERIOUS = 3, _("Serious")
    DANGER = 4, _("Danger")


class EscalationLevel(models.IntegerChoices):
    PROVINCE = 0, _("Province")
    DEPARTMENT = 1, _("Department")
    MINISTER = 2, _("Minister")


class ComplaintKind(models.TextChoices):
    """What a complaint is about, as the public sees it."""

    UNLICENSED = "unlicensed", _("Practising without a licence")
    HARM = "harm", _("A patient was harmed or is in danger")
    MEDICINES = "medicines", _("Medicines")
    HYGIENE = "hygiene", _("Cleanliness")
    PRICE = "price", _("Prices and payment")
    BEHAVIOUR = "behaviour", _("Behaviour of the staff")
    OTHER = "other", _("Something else")


URGENT_KINDS = (ComplaintKind.HARM,)
"""Taken as urgent until an officer has read them."""


class ComplaintState(models.TextChoices):
    RECEIVED = "received", _("Received")
    TRIAGED = "triaged", _("Read and ranked")
    ASSIGNED = "assigned", _("Given to an office")
    INVESTIGATING = "investigating", _("Being looked into")
    ANSWERED = "answered", _("Answered")
    CLOSED = "closed", _("Closed")
    REJECTED = "rejected", _("Not taken up")
    MERGED = "merged", _("Joined with another")


COMPLAINT_TRANSITIONS: dict[str, tuple[str, ...]] = {
    ComplaintState.RECEIVED: (ComplaintState.TRIAGED, ComplaintState.REJECTED, ComplaintState.MERGED),
    ComplaintState.TRIAGED: (ComplaintState.ASSIGNED, ComplaintState.REJECTED, ComplaintState.MERGED),
    ComplaintState.ASSIGNED: (
        ComplaintState.INVESTIGATING,
        ComplaintState.ANSWERED,
        ComplaintState.REJECTED,
        ComplaintState.MERGED,
    ),
    ComplaintState.INVESTIGATING: (ComplaintState.ANSWERED, ComplaintState.MERGED),
    ComplaintState.ANSWERED: (ComplaintState.ASSIGNED, ComplaintState.CLOSED),  # taken up again, or done with
    ComplaintState.CLOSED: (),
    ComplaintState.REJECTED: (),
    ComplaintState.MERGED: (),
}

COMPLAINTS_WAITING = (ComplaintState.RECEIVED, ComplaintState.TRIAGED, ComplaintState.ASSIGNED)
"""Nobody is looking into these yet."""
COMPLAINTS_OPEN = (*COMPLAINTS_WAITING, ComplaintState.INVESTIGATING, ComplaintState.ANSWERED)


class ComplaintMessageKind(models.TextChoices):
    """Who says a message to whom."""

    COMPLAINANT = "complainant", _("From the complainant")
    REPLY = "reply", _("To the complainant")
    ANSWER = "answer", _("Answer")
    REFUSAL = "refusal", _("Why it is not taken up")
    NOTE = "note", _("Note, for the staff only")


EVENTS = {
    "complaint.answered": _("Complaint answered"),
    "complaint.assigned": _("Complaint given to an office"),
    "complaint.closed": _("Complaint closed"),
    "complaint.contact_read": _("Contact of a complainant read"),
    "complaint.investigating": _("Complaint being looked into"),
    "complaint.merged": _("Complaint joined with another"),
    "complaint.message_added": _("Complainant wrote again"),
    "complaint.message_sent": _("Message to a complainant"),
    "complaint.note_added": _("Note on a complaint"),
    "complaint.placed": _("Complaint matched with a facility"),
    "complaint.received": _("Complaint received"),
    "complaint.rejected": _("Complaint not taken up"),
    "complaint.reopened": _("Complaint taken up again"),
    "complaint.triaged": _("Complaint read and ranked"),
}
"""What the events of this floor are called."""

LETTERS = {
    "complaint.received": (
        _("A complaint has come in: %(kind)s"),
        _("Complaint %(number)s has come in. Somebody has to look into it by %(day)s."),
    ),
    "complaint.assigned": (
        _("A complaint is given to you: %(number)s"),
        _("Complaint %(number)s (%(kind)s) is given to you. Somebody has to look into it by %(day)s."),
    ),
    "complaint.message_added": (
        _("A complainant has written again: %(number)s"),
        _("Whoever made complaint %(number)s has written a further message."),
    ),
    "complaint.news": (
        _("News about your complaint"),
        _("There is news about the complaint that you made. Read it on this page, with your tracking code."),
    ),
    "sweep.failed": (
        _("A sweep did not come to its end"),
        _("The sweep as of %(day)s, started by %(started_by)s, did not come to its end. %(failure)s"),
    ),
    "sweep.missed": (
        _("The nightly sweep was missed"),
        _("No sweep as of %(day)s has come to its end. Flags and due dates may be out of date."),
    ),
}
"""What each kind of letter of this floor says: its subject and its text."""

LETTERS_IN_CONFIDENCE = ("complaint.news",)
"""Kinds of letters whose addresses outside the register nobody reads in its lists."""
