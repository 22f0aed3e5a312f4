"""The kinds of licences, their terms and what a review draws on, kept as data."""

import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from licensing.models import AdviceBody, Fee, LicenceTerms, LicenceType, RefusalReason, RequiredDocument
from registry.accounts.models import User
from registry.audit.actions import record as record_event
from registry.models import FacilityType
from registry.permissions import check_may_change_catalogue

FOLDER = Path(__file__).resolve().parent.parent / "data"


@transaction.atomic
def load(*, by: User | None, at: datetime) -> Counter[str]:
    """Add the licence types of `licensing/data` that are missing, with terms; counts "created" and "unchanged".

    Safe to repeat. What exists stays as the administrators left it. `by` is None where the operator of the machine
    loads the list. The facility types must be there before. Raises NotPermitted.
    """
    if by is not None:
        check_may_change_catalogue(by)
    counts: Counter[str] = Counter()
    file = tomllib.loads((FOLDER / "licence_types.toml").read_text(encoding="utf-8"))
    for entry in file["licence_type"]:
        codes, terms, fees = entry.pop("facility_types"), entry.pop("terms"), entry.pop("fees")
        type, created = LicenceType.objects.get_or_create(code=entry["code"], defaults=entry)
        counts["created" if created else "unchanged"] += 1
        if created:
            type.facility_types.set([FacilityType.objects.get(code=code) for code in codes])
            record_event(
                verb="licence_type.created", subject=type, by=by, at=at, facts=entry | {"facility_types": codes}
            )
            write_terms(type, file["terms"] | terms, file["document"], fees)
    return counts


@transaction.atomic
def load_reviewing(*, by: User | None, at: datetime) -> Counter[str]:
    """Add the reasons for refusal and the advisers of `licensing/data` that are missing. Safe to repeat."""
    if by is not None:
        check_may_change_catalogue(by)
    counts: Counter[str] = Counter()
    file = tomllib.loads((FOLDER / "reviewing.toml").read_text(encoding="utf-8"))
    for model, entries in ((RefusalReason, file["refusal_reason"]), (AdviceBody, file["advice_body"])):
        for entry in entries:
            _row, created = model._default_manager.get_or_create(code=entry["code"], defaults=entry)
            counts["created" if created else "unchanged"] += 1
    return counts


@transaction.atomic
def save(*, type: LicenceType, facility_types: Iterable[FacilityType], by: User, at: datetime) -> LicenceType:
    """A licence type is added or named anew, and is for these types of facilities from now on; licences stay.

    Raises NotPermitted.
    """
    check_may_change_catalogue(by)
    verb = "licence_type.created" if type.pk is None else "licence_type.changed"
    type.save()
    chosen = list(facility_types)
    type.facility_types.set(chosen)
    facts = {name: getattr(type, name) for name in ("code", "name_km", "name_en", "authority")}
    codes = sorted(facility_type.code for facility_type in chosen)
    record_event(verb=verb, subject=type, by=by, at=at, facts=facts | {"facility_types": codes})
    return type


def write_terms(
    type: LicenceType,
    terms: Mapping[str, Any],
    documents: Sequence[Mapping[str, Any]],
    fees: Mapping[str, int],
) -> LicenceTerms:
    """Terms with their documents and their fees, by kind of application, in riel."""
    row = LicenceTerms.objects.create(type=type, **terms)
    RequiredDocument.objects.bulk_create(RequiredDocument(terms=row, **document) for document in documents)
    Fee.objects.bulk_create(Fee(terms=row, kind=kind, amount_khr=amount) for kind, amount in fees.items())
    return row
