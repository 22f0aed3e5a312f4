"""What the events of the audit trail are called."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from licensing.states import EVENTS as LICENSING
from registry.audit.models import AuditEvent
from registry.models import Facility

TITLES: dict[str, Promise] = {
    "api_token.created": _("API token created"),
    "api_token.revoked": _("API token revoked"),
    "checklist_version.drafted": _("Checklist version drafted"),
    "checklist_version.published": _("Checklist version published"),
    "facility.edited": _("Facts about the facility changed"),
    "facility.identifier_added": _("Number in another system added"),
    "facility.identifier_removed": _("Number in another system removed"),
    "facility.registered": _("Facility registered"),
    "facility.service_declared": _("Service declared"),
    "facility.service_withdrawn": _("Service withdrawn"),
    "facility.status_changed": _("Operational status changed"),
    "facility_type.changed": _("Facility type changed"),
    "facility_type.created": _("Facility type added"),
    "gazetteer.loaded": _("Gazetteer loaded"),
    "import.loaded": _("File imported"),
    "operator.edited": _("Facts about the operator changed"),
    "operator.registered": _("Operator registered"),
    "ruleset.kept_for_history": _("Ruleset kept for history"),
    "ruleset.published": _("Ruleset published"),
    "service.changed": _("Service of the catalogue changed"),
    "service.created": _("Service of the catalogue added"),
    "user.changed": _("Account changed"),
    "user.closed": _("Account closed"),
    "user.created": _("Account opened"),
    "user.password_renewed": _("Password renewed"),
    "user.reopened": _("Account opened again"),
    "visit.approved": _("Visit approved"),
    "visit.cancelled": _("Visit cancelled"),
    "visit.draft_saved": _("Answers saved"),
    "visit.planned": _("Visit planned"),
    "visit.returned": _("Visit returned for correction"),
    "visit.started": _("Visit started"),
    "visit.submitted": _("Visit submitted for approval"),
    **LICENSING,
}


def title_of(verb: str) -> str:
    """The words for an audit verb; the verb itself where it has none."""
    return str(TITLES.get(verb, verb))


def details_of(event: AuditEvent) -> str:
    """Why it was done or, of a facility that was edited, what changed, a line for each fact."""
    if event.verb != "facility.edited":
        return event.reason
    pairs = ((field, fact) for field, fact in event.facts.items() if isinstance(fact, list) and len(fact) == 2)
    lines = (f"{_name_of(field)}: {old or '–'} → {new or '–'}" for field, (old, new) in pairs)
    return "\n".join(lines)


def _name_of(field: str) -> str:
    name = str(Facility._meta.get_field(field).verbose_name)  # type: ignore[union-attr]
    return name[:1].upper() + name[1:]
