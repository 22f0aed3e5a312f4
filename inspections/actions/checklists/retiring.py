"""A checklist goes out of use."""

from datetime import datetime

from django.db import transaction

from inspections import permissions, policies
from inspections.models import ChecklistVersion
from inspections.states import VersionState
from registry.accounts.models import User
from registry.audit.actions import record as record_event


@transaction.atomic
def retire(*, version: ChecklistVersion, reason: str, by: User | None, at: datetime) -> ChecklistVersion:
    """The version in use is no longer: no visit begins with this checklist until another version is published.

    Visits that are under way end with it. Raises NotPermitted, or Refused where it is not in use or there is no reason.
    """
    permissions.check_may_publish(by)
    version = ChecklistVersion.objects.select_for_update(of=("self",)).select_related("checklist").get(pk=version.pk)
    policies.check_can_retire(version)
    policies.check_reason(reason)
    version.state = VersionState.RETIRED
    version.save(update_fields=["state"])
    facts = {"code": version.checklist.code, "number": version.number}
    record_event(verb="checklist_version.retired", subject=version, by=by, at=at, reason=reason, facts=facts)
    return version
