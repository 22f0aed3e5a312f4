"""Operators with an account, and what they apply for."""

from datetime import date
from typing import Any

from django.core.files.base import ContentFile

from licensing.actions.applications import documents, drafting, handing_in
from licensing.models import Application, Licence, LicenceTerms, RequiredDocument
from licensing.policies.applying import documents_asked
from licensing.rules.proposals import fingerprint
from licensing.states import ApplicationKind
from registry.accounts.models import User
from registry.accounts.states import Role
from registry.models import Facility, Operator, Representative
from tests.factories import NOW, TODAY, a_facility_type, a_licence_type, a_province, a_user, an_operator
from tests.pictures import a_picture

SITE = {
    "name_km": "គ្លីនិកសុខ",
    "facility_type": "clinic",
    "ownership": "private",
    "area": "12",
    "address": "Street 63",
    "phone": "012 345 678",
}


def a_person_of(operator: Operator, **fields: Any) -> User:
    """Somebody with an account who acts for the operator."""
    person = a_user(Role.OPERATOR, **fields)
    Representative.objects.create(person=person, operator=operator, appointed_at=NOW)
    return person


def licensable() -> LicenceTerms:
    """Clinics in Phnom Penh can be licensed, on one document for a new licence."""
    a_province()
    type = a_licence_type()
    type.facility_types.add(a_facility_type())
    terms: LicenceTerms = type.terms.get()
    if not terms.documents.exists():
        RequiredDocument.objects.create(
            terms=terms, code="site_plan", name_km="ប្លង់ទីតាំង", name_en="Plan of the site", kinds=list(ApplicationKind)
        )
    return terms


def a_draft(person: User | None = None, *, kind: str = ApplicationKind.NEW, **about: Any) -> Application:
    """Begun by a person of an operator, with nothing in it yet."""
    licensable()
    if person is None:
        person = a_person_of(about.pop("operator", None) or an_operator())
    operator = about.pop("operator", None) or Operator.objects.get(representatives__person=person)
    return drafting.begin(kind=kind, operator=operator, by=person, at=NOW, **about)


def a_whole_draft(person: User | None = None, **about: Any) -> Application:
    """With everything that is asked for."""
    application = a_draft(person, **about)
    by = application.created_by
    if application.kind == ApplicationKind.NEW and application.facility is None:
        drafting.propose(application=application, proposal=SITE, seen=fingerprint({}), by=by, at=NOW)
        application.refresh_from_db()
    for required in documents_asked(application, TODAY):
        documents.add(application=application, upload=a_file(), required=required, by=by, at=NOW)
    application.refresh_from_db()
    return application


def handed_in(person: User | None = None, **about: Any) -> Application:
    application = a_whole_draft(person, **about)
    return handing_in.hand_in(
        application=application,
        revision=application.revision,
        declared_by_name="Sok Dara",
        by=application.created_by,
        at=NOW,
    )


def a_file(name: str = "plan.jpg", content: bytes | None = None) -> ContentFile:
    return ContentFile(a_picture() if content is None else content, name)


def licensed(operator: Operator, *, until: date, **fields: Any) -> Licence:
    """A site of the operator with a licence until that day."""
    from tests.factories import a_facility, a_licence

    facility: Facility = a_facility(operator=operator)
    return a_licence(facility, valid_from=date(until.year - 2, 1, 1), valid_until=until, **fields)
