from datetime import datetime

from django.db import transaction

from inspections import permissions
from inspections.actions import rulebook
from inspections.models import Checklist, ChecklistVersion
from registry.accounts.models import User


@transaction.atomic
def draft(*, definition: rulebook.Definition, by: User | None, at: datetime) -> tuple[ChecklistVersion, bool]:
    """The definition read from a form becomes the next version of the checklist with its code, or a new checklist.

    A checklist that is there keeps its names, ruleset and facility types. Returns the version and whether it is new.
    Raises NotPermitted, or Refused as `rulebook.add_version` does.
    """
    permissions.check_may_draft(by)
    checklist = Checklist.objects.filter(code=definition["code"]).first()
    if checklist is not None:
        kept = {name: getattr(checklist, name) for name in ("name_km", "name_en", "ruleset_code")}
        types = checklist.facility_types.order_by("code").values_list("code", flat=True)
        definition = {**definition, **kept, "facility_types": list(types)}
    return rulebook.add_version(definition=definition, by=by, at=at)
