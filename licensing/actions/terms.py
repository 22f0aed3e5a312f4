"""The terms of licences: written down ahead of the day from which they hold, never changed after it."""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from licensing.actions.licence_types import write_terms
from licensing.models import LicenceTerms, LicenceType
from licensing.policies.terms import check_can_delete_terms, check_can_set_terms
from licensing.rules.terms import FACTS, Contents, contents
from registry.accounts.models import User
from registry.audit.actions import record as record_event
from registry.permissions import check_may_change_catalogue


@transaction.atomic
def set_terms(*, type: LicenceType, valid_from: date, wanted: Contents, by: User, at: datetime) -> LicenceTerms:
    """From that day on these terms hold for the type; applications handed in before keep theirs.

    Raises NotPermitted, or Refused where the day has begun, other terms begin on it or nothing would change.
    """
    check_may_change_catalogue(by)
    LicenceType.objects.select_for_update(no_key=True).get(pk=type.pk)
    check_can_set_terms(type, valid_from=valid_from, wanted=wanted, today=timezone.localdate(at))
    facts = {name: wanted[name] for name in FACTS}
    terms = write_terms(type, facts | {"valid_from": valid_from}, wanted["documents"], wanted["fees"])
    record_event(verb="licence_terms.set", subject=terms, by=by, at=at, facts=_said(terms))
    return terms


@transaction.atomic
def delete(*, terms: LicenceTerms, by: User, at: datetime) -> None:
    """Terms that do not hold yet are taken back; those before them go on. Raises NotPermitted or Refused."""
    check_may_change_catalogue(by)
    terms = LicenceTerms.objects.select_for_update(of=("self",)).select_related("type").get(pk=terms.pk)
    check_can_delete_terms(terms, today=timezone.localdate(at))
    record_event(verb="licence_terms.deleted", subject=terms, by=by, at=at, facts=_said(terms))
    terms.fees.all().delete()
    terms.documents.all().delete()
    terms.delete()


def _said(terms: LicenceTerms) -> dict[str, object]:
    return {"type": terms.type.code, "valid_from": terms.valid_from.isoformat(), **contents(terms)}
