"""The colour of every status word, in one place, so that the same word has the same colour on every page."""

_WORDS = {
    "green": "operating approved issued in_force loaded completed fully_compliant cleared sent succeeded verified valid"
    " met paid answered granted upheld",
    "teal": "substantially_compliant published low",
    "blue": "planned upcoming in_progress submitted recorded reading running checked waiting evidence_given"
    " unpaid triaged assigned investigating under_review visit_requested reviewed recommended",
    "yellow": "received temporarily_closed returned partially_compliant interrupted due_soon medium required queried",
    "orange": "suspended overdue minimally_compliant suspected_unlicensed lapsed expired high",
    "red": "open critical non_compliant revoked refused rejected failed given_up unlicensed forged untrusted",
    "grey": "closed draft retired staged cancelled"
    " surrendered unknown not_found closed_on_arrival withdrawn superseded replaced lifted merged dismissed",
}
_SEVERITY = {"1": "grey", "2": "yellow", "3": "orange", "4": "red"}
STATUS_COLOURS = {status: colour for colour, words in _WORDS.items() for status in words.split()} | _SEVERITY
