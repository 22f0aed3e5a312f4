"""What a review draws on: reasons for refusal and advisers. They are added and withdrawn, never changed."""

from datetime import datetime

from django.db import transaction
from django.forms.models import model_to_dict
from django.utils import timezone

from licensing.models import AdviceBody, RefusalReason
from licensing.policies.terms import check_can_withdraw
from registry.accounts.models import User
from registry.audit.actions import record as record_event
from registry.permissions import check_may_change_catalogue

Entry = RefusalReason | AdviceBody
NOUNS: dict[type[Entry], str] = {RefusalReason: "refusal_reason", AdviceBody: "advice_body"}


@transaction.atomic
def add(*, entry: Entry, by: User, at: datetime) -> Entry:
    """A reason or an adviser may be chosen from now on. Raises NotPermitted."""
    check_may_change_catalogue(by)
    entry.save(force_insert=True)
    facts = {name: value for name, value in model_to_dict(entry).items() if value is not None}
    record_event(verb=f"{NOUNS[type(entry)]}.created", subject=entry, by=by, at=at, facts=facts)
    return entry


@transaction.atomic
def withdraw(*, entry: Entry, by: User, at: datetime) -> Entry:
    """It can no longer be chosen; what was said by it stays. Raises NotPermitted, or Refused where it is already."""
    check_may_change_catalogue(by)
    entry = type(entry)._default_manager.select_for_update().get(pk=entry.pk)
    check_can_withdraw(entry)
    entry.withdrawn_on = timezone.localdate(at)
    entry.save(update_fields=["withdrawn_on"])
    record_event(verb=f"{NOUNS[type(entry)]}.withdrawn", subject=entry, by=by, at=at)
    return entry
