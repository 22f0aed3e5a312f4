"""The row of a visit, held until the transaction ends, and the rulebook it uses."""

from datetime import date

from django.utils.translation import gettext as _

from inspections.models import ChecklistVersion, Ruleset, Visit
from registry.core.errors import Refused


def lock(visit: Visit) -> Visit:
    joined = Visit.objects.select_related("facility__type", "checklist_version__checklist", "ruleset", "inspector")
    return joined.select_for_update(of=("self",), no_key=True).get(pk=visit.pk)


def in_force(version: ChecklistVersion | None, on: date) -> tuple[ChecklistVersion, Ruleset]:
    """The published version of the same checklist, and the version of its ruleset in force on that day."""
    checklist = version.checklist if version else None
    published = ChecklistVersion.objects.published().filter(checklist=checklist).first()
    ruleset = Ruleset.objects.in_force(on).filter(code=checklist.ruleset_code).first() if checklist else None
    if published is None or ruleset is None:
        raise Refused(
            _("“%(checklist)s” cannot be used: it or its ruleset has no published version in force.")
            % {"checklist": checklist or "–"},
            code="no_rulebook_in_force",
        )
    return published, ruleset
