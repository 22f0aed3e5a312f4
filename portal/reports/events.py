"""What the events of the audit trail are called."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from licensing.states import EVENTS as LICENSING

TITLES: dict[str, Promise] = {
    "facility.registered": _("Facility registered"),
    "facility.changed": _("Facts about the facility changed"),
    "visit.planned": _("Visit planned"),
    "visit.started": _("Visit started"),
    "visit.draft_saved": _("Answers saved"),
    "visit.submitted": _("Visit submitted for approval"),
    "visit.approved": _("Visit approved"),
    "visit.returned": _("Visit returned for correction"),
    "visit.cancelled": _("Visit cancelled"),
    **LICENSING,
}


def title_of(verb: str) -> str:
    """The words for an audit verb; the verb itself where it has none."""
    return str(TITLES.get(verb, verb))
