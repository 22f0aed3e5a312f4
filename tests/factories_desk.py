"""Applications at the authority, and the people who sign them, to test with."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from licensing.actions.applications import deciding, reviewing
from licensing.models import Application, ApplicationDocument, ApplicationService, Licence, LicenceTerms, RefusalReason
from licensing.states import ApplicationKind, ApplicationState
from registry.accounts.models import User
from registry.accounts.states import Role
from registry.files.models import StoredFile
from registry.models import Facility
from registry.states import Authority, OperationalStatus
from tests.factories import (
    NOW,
    TODAY,
    a_facility,
    a_facility_type,
    a_licence,
    a_licence_type,
    a_province,
    a_service,
    a_user,
    an_operator,
    counter,
)

DAY = timedelta(days=1)
PROPOSAL = {
    "name_km": "គ្លីនិកថ្មី",
    "name_en": "New Clinic",
    "facility_type": "clinic",
    "ownership": "private",
    "area": "12",
    "address": "No. 1, Street 2",
    "phone": "012 345 678",
    "beds": "12",
}
PROPOSALS = {
    ApplicationKind.NEW: PROPOSAL,
    ApplicationKind.VARIATION: {"name_en": "Clinic of Another Name", "beds": "15"},
    ApplicationKind.RELOCATION: {"area": "12", "address": "Another Street"},
    ApplicationKind.CHANGE_OF_OWNER: {"name_en": "Clinic of Another Owner"},
    ApplicationKind.CHANGE_OF_TYPE: {"facility_type": "polyclinic", "beds": "30"},
    ApplicationKind.SURRENDER: {"reason": "Retirement"},
}


@dataclass(frozen=True)
class Desk:
    """Four different people, and one who could hear an appeal."""

    reviewer: User
    recommender: User
    decider: User
    countersigner: User
    hearer: User


def a_desk() -> Desk:
    officers = [a_user(Role.LICENSING_OFFICER) for _ in range(2)]
    return Desk(*officers, *(a_user(Role.APPROVER) for _ in range(3)))


def a_licence_in_force(*, until: date = TODAY + 364 * DAY, **fields: Any) -> Licence:
    """Of a clinic with an operator, since a year and, unless the test says otherwise, for another."""
    type = a_licence_type(**fields)
    type.facility_types.add(a_facility_type())
    place = a_facility(operator=an_operator())
    return a_licence(place, type=type, valid_from=TODAY - 365 * DAY, valid_until=until)


def an_application(
    kind: str = ApplicationKind.NEW,
    *,
    state: str = ApplicationState.SUBMITTED,
    authority: str = Authority.MINISTRY,
    facility: Facility | None = None,
    surgery: bool = False,
    **fields: Any,
) -> Application:
    """Handed in on paper, written straight to the table; one for a new licence has its site on the register."""
    type = a_licence_type(authority, authority=authority)
    type.facility_types.add(a_facility_type())
    if kind == ApplicationKind.NEW:
        fields.setdefault("operator", facility.operator if facility else an_operator())
        facility = facility or a_facility(operator=fields["operator"], status=OperationalStatus.PLANNED)
    else:
        concerned = fields.setdefault("concerns", a_licence_in_force(code=authority, authority=authority))
        facility = facility or concerned.facility
        owner = an_operator() if kind == ApplicationKind.CHANGE_OF_OWNER else facility.operator
        fields.setdefault("operator", owner)
        if kind == ApplicationKind.CHANGE_OF_TYPE:
            type = a_licence_type("polyclinic", authority=authority)
            type.facility_types.add(a_facility_type("polyclinic", name_en="Polyclinic"))
    officer = fields.pop("by", None) or a_user(Role.LICENSING_OFFICER)
    a_province()
    fields.setdefault("terms", LicenceTerms.objects.in_force(TODAY).get(type=type))
    application = Application.objects.create(
        number=f"APP-2026-{next(counter):06d}",
        kind=kind,
        state=ApplicationState.DRAFT,
        facility=facility,
        type=type,
        proposal=fields.pop("proposal", PROPOSALS.get(ApplicationKind(kind), {})),
        created_at=NOW,
        created_by=officer,
        changed_at=NOW,
        submitted_at=NOW,
        submitted_by=officer,
        declared_by_name="Sok Dara",
        due_on=fields.pop("due_on", date(2026, 12, 18)),
        **fields,
    )
    if surgery:
        ApplicationService.objects.create(application=application, service=a_service())
    application.state = ApplicationState.SUBMITTED
    application.save(update_fields=["state"])
    application.refresh_from_db()
    return application


def a_document(application: Application, **fields: Any) -> ApplicationDocument:
    file = StoredFile.objects.create(
        sha256=f"{next(counter):064x}", content_type="application/pdf", size=1, name="plan.pdf", stored_at=NOW
    )
    return ApplicationDocument.objects.create(
        application=application,
        title=fields.pop("title", "Plan of the site"),
        file=file,
        added_at=NOW,
        added_by=application.created_by,
        **fields,
    )


def a_refusal_reason(code: str = "premises_unsuitable", **fields: Any) -> RefusalReason:
    defaults = {"name_km": "ទីតាំងមិនស្របតាមបទដ្ឋាន", "name_en": "The premises do not meet the standard", "clause": "§ 1"}
    return RefusalReason.objects.get_or_create(code=code, defaults=defaults | fields)[0]


ON_THE_WAY = (
    ApplicationState.SUBMITTED,
    ApplicationState.UNDER_REVIEW,
    ApplicationState.REVIEWED,
    ApplicationState.RECOMMENDED,
)


def brought_to(application: Application, state: str, desk: Desk, *, at: datetime = NOW) -> Application:
    """Through the hands of the desk, from handed in to that state."""
    way = {
        ApplicationState.UNDER_REVIEW: lambda thing: reviewing.take_up(application=thing, by=desk.reviewer, at=at),
        ApplicationState.REVIEWED: lambda thing: reviewing.finish(application=thing, by=desk.reviewer, at=at),
        ApplicationState.RECOMMENDED: lambda thing: deciding.recommend(
            application=thing, opinion="grant", text="All is in order.", by=desk.recommender, at=at
        ),
        ApplicationState.APPROVED: lambda thing: deciding.approve(application=thing, by=desk.decider, at=at),
        ApplicationState.GRANTED: lambda thing: deciding.countersign(application=thing, by=desk.countersigner, at=at),
    }
    if state == ApplicationState.REFUSED:
        application = brought_to(application, ApplicationState.RECOMMENDED, desk, at=at)
        return deciding.refuse(
            application=application, reasons=[a_refusal_reason()], text="The roof leaks.", by=desk.decider, at=at
        )
    for reached, step in way.items():
        if application.state == state:
            return application
        if list(way).index(reached) > _place(application.state, list(way)):
            application = step(application)
    return application


def _place(state: str, way: list[ApplicationState]) -> int:
    return way.index(ApplicationState(state)) if state in way else -1
