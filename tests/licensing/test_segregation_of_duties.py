"""Four different people, none with an interest, none from the visit: tried by every door, refused by the database."""

import itertools
from collections.abc import Callable
from datetime import date
from uuid import uuid4

import pytest
from celery import shared_task
from django.contrib import admin
from django.db import IntegrityError, InternalError, connection, transaction

from inspections.models import Visit
from inspections.models.member import VisitMember
from licensing.actions.applications import appeals, deciding, reviewing
from licensing.models import Appeal, Application, ApplicationService, ApplicationSignature, Licence
from licensing.states import APPLICATION_TRANSITIONS, NEXT_PART, ApplicationKind, ApplicationState, Part
from registry.accounts.actions import users
from registry.accounts.models import User
from registry.accounts.states import Role
from registry.core.errors import NotPermitted, Refused
from registry.models import Interest
from tests.factories import (
    NOW,
    TODAY,
    a_facility,
    a_licence,
    a_service,
    a_user,
    a_visit,
    an_approved_visit,
    an_authorisation,
)
from tests.factories_applying import a_person_of
from tests.factories_desk import Desk, a_desk, a_refusal_reason, an_application, brought_to

pytestmark = pytest.mark.django_db
REFUSED_BY_THE_DATABASE = (IntegrityError, InternalError)

# --- signatures


def by_sql(application: int, part: str, revision: int, person: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO licensing_applicationsignature (application_id, part, revision, person_id, signed_at, note)"
            " VALUES (%s, %s, %s, %s, now(), '')",
            [application, part, revision, person],
        )


def _fields(application: int, part: str, revision: int, person: int) -> dict[str, object]:
    return {
        "application_id": application,
        "part": part,
        "revision": revision,
        "person_id": person,
        "signed_at": NOW,
    }


def by_model(*values) -> None:
    ApplicationSignature.objects.create(**_fields(*values))


def by_bulk(*values) -> None:
    ApplicationSignature.objects.bulk_create([ApplicationSignature(**_fields(*values))])


def by_admin(*values) -> None:
    page = admin.ModelAdmin(ApplicationSignature, admin.site)
    page.save_model(None, ApplicationSignature(**_fields(*values)), None, change=False)


@shared_task
def sign_in_the_background(*values) -> None:
    by_sql(*values)


def by_celery(*values) -> None:
    sign_in_the_background.apply(args=values, throw=True)


SIGNING_DOORS = [by_sql, by_model, by_bulk, by_admin, by_celery]


def the_reviewer_again(application: Application, desk: Desk) -> User:
    return desk.reviewer


def who_has_an_interest_in_the_site(application: Application, desk: Desk) -> User:
    tied = a_user(Role.APPROVER)
    Interest.objects.create(person=tied, facility=application.facility, nature="My house", declared_on=TODAY)
    return tied


def who_has_an_interest_in_the_operator(application: Application, desk: Desk) -> User:
    tied = a_user(Role.APPROVER)
    Interest.objects.create(person=tied, operator=application.operator, nature="My sister", declared_on=TODAY)
    return tied


def who_led_the_visit(application: Application, desk: Desk) -> User:
    visit = a_visit(application.facility)
    Application.objects.filter(pk=application.pk).update(visit=visit)
    return visit.inspector


def who_came_along_on_the_visit(application: Application, desk: Desk) -> User:
    visit = a_visit(application.facility)
    Application.objects.filter(pk=application.pk).update(visit=visit)
    member = a_user(Role.INSPECTOR)
    VisitMember.objects.create(visit=visit, person=member)
    return member


def who_handed_it_in(application: Application, desk: Desk) -> User:
    return application.submitted_by


UNFIT = [
    the_reviewer_again,
    who_has_an_interest_in_the_site,
    who_has_an_interest_in_the_operator,
    who_led_the_visit,
    who_came_along_on_the_visit,
    who_handed_it_in,
]


@pytest.mark.parametrize("door", SIGNING_DOORS)
@pytest.mark.parametrize("unfit", UNFIT)
def test_the_unfit_sign_through_no_door(unfit: Callable[..., User], door: Callable[..., None]):
    desk = a_desk()
    application = brought_to(an_application(), ApplicationState.RECOMMENDED, desk)
    person = unfit(application, desk)
    with pytest.raises(REFUSED_BY_THE_DATABASE), transaction.atomic():
        door(application.pk, Part.DECISION.value, application.revision, person.pk)
    assert not application.signatures.filter(part=Part.DECISION).exists()


@pytest.mark.parametrize("unfit", UNFIT)
def test_the_unfit_are_told_so_in_words(unfit: Callable[..., User]):
    desk = a_desk()
    application = brought_to(an_application(), ApplicationState.RECOMMENDED, desk)
    person = unfit(application, desk)
    User.objects.filter(pk=person.pk).update(role=Role.APPROVER, province=None)
    person.refresh_from_db()
    with pytest.raises(NotPermitted) as refusal:
        deciding.approve(application=application, by=person, at=NOW)
    assert refusal.value.code in {"signed_another_part", "has_an_interest", "visited", "own_application"}


@pytest.mark.parametrize("door", SIGNING_DOORS)
def test_nobody_signs_what_is_no_longer_so_nor_one_part_twice(door: Callable[..., None]):
    desk = a_desk()
    application = brought_to(an_application(), ApplicationState.RECOMMENDED, desk)
    for part, revision in ((Part.DECISION, application.revision - 1), (Part.REVIEW, application.revision)):
        with pytest.raises(REFUSED_BY_THE_DATABASE), transaction.atomic():
            door(application.pk, part.value, revision, desk.decider.pk)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE licensing_applicationsignature SET person_id = %(other)s",
        "UPDATE licensing_applicationsignature SET revision = revision + 1",
        "DELETE FROM licensing_applicationsignature",
        "DELETE FROM licensing_application",
        "UPDATE licensing_application SET revision = revision - 1",
        "UPDATE licensing_application SET state = 'granted', decided_at = now()",
        "UPDATE licensing_application SET revision = revision + 1, state = 'granted', decided_at = now()",
        "UPDATE licensing_application SET begins_on = '2027-01-01', state = 'granted', decided_at = now()",
    ],
)
def test_raw_statements_find_no_way_round(statement):
    application = brought_to(an_application(), ApplicationState.APPROVED, a_desk())
    other = a_user(Role.APPROVER)
    with pytest.raises(REFUSED_BY_THE_DATABASE), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, {"other": other.pk})
    application.refresh_from_db()
    assert application.state == ApplicationState.APPROVED
    assert application.signatures.count() == 3


def test_nothing_begins_decided():
    application = brought_to(an_application(), ApplicationState.GRANTED, a_desk())
    application.pk, application.number, application.uuid = None, "APP-X", uuid4()
    with pytest.raises(REFUSED_BY_THE_DATABASE, match="Cannot insert"), transaction.atomic():
        Application.objects.bulk_create([application])


def another_site(application: Application) -> None:
    Application.objects.filter(pk=application.pk).update(proposal={"name_en": "Other"})


def another_service(application: Application) -> None:
    ApplicationService.objects.create(application=application, service=a_service())


def another_day(application: Application) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE licensing_application SET begins_on = '2027-01-01' WHERE id = %s", [application.pk])


@pytest.mark.parametrize("edit", [another_site, another_service, another_day])
@pytest.mark.parametrize("state", [ApplicationState.REVIEWED, ApplicationState.RECOMMENDED, ApplicationState.APPROVED])
def test_an_edit_after_a_signature_voids_it(edit, state):
    desk = a_desk()
    application = brought_to(an_application(), state, desk)
    before = application.revision
    edit(application)
    application.refresh_from_db()
    assert (application.state, application.revision) == (ApplicationState.UNDER_REVIEW, before + 1)
    assert not application.signatures.filter(revision=application.revision).exists()
    for reached in (ApplicationState.REVIEWED, ApplicationState.GRANTED):
        with pytest.raises(REFUSED_BY_THE_DATABASE), transaction.atomic():
            Application.objects.filter(pk=application.pk).update(state=reached, decided_at=NOW)


def with_a_visit(state: str, desk: Desk) -> Application:
    """An application whose site was visited, brought to that state."""
    application = an_application()
    visit = an_approved_visit(application.facility, visited_on=TODAY, next_due_on=TODAY)
    Application.objects.filter(pk=application.pk).update(visit=visit)
    application.refresh_from_db()
    return brought_to(application, state, desk)


def comes_into_the_team(person: User, application: Application) -> None:
    User.objects.filter(pk=person.pk).update(role=Role.INSPECTOR, province=application.facility.province)
    VisitMember.objects.create(visit=application.visit, person=person)


def declares_an_interest_in_the_operator(person: User, application: Application) -> None:
    tie = {"nature": "My brother", "declared_on": date(2026, 1, 1)}
    Interest.objects.create(person=person, operator=application.operator, **tie)


LATER = [comes_into_the_team, declares_an_interest_in_the_operator]


@pytest.mark.parametrize("later", LATER)
@pytest.mark.parametrize("state", [ApplicationState.RECOMMENDED, ApplicationState.APPROVED])
def test_who_becomes_unfit_after_signing_stops_every_decision_in_words_and_in_the_database(state, later):
    desk = a_desk()
    application = with_a_visit(state, desk)
    later(desk.reviewer, application)
    steps = {
        ApplicationState.RECOMMENDED: [
            lambda: deciding.approve(application=application, by=desk.decider, at=NOW),
            lambda: deciding.refuse(
                application=application, reasons=[a_refusal_reason()], text="No.", by=desk.decider, at=NOW
            ),
        ],
        ApplicationState.APPROVED: [
            lambda: deciding.countersign(application=application, by=desk.countersigner, at=NOW)
        ],
    }
    for step in steps[state]:
        with pytest.raises(Refused) as refusal:
            step()
        assert refusal.value.code == "signed_by_the_unfit"
    signer = desk.decider if state == ApplicationState.RECOMMENDED else desk.countersigner
    by_model(application.pk, NEXT_PART[ApplicationState(state)], application.revision, signer.pk)
    decided = {"decided_at": NOW, "refusal_text": "No.", "appeal_until": TODAY}
    for to in UNSIGNED & {*APPLICATION_TRANSITIONS[state]}:
        with pytest.raises(REFUSED_BY_THE_DATABASE, match=r"does not sign it|lacks a"), transaction.atomic():
            Application.objects.filter(pk=application.pk).update(state=to, **decided)


def test_who_has_an_interest_in_the_place_from_which_it_moves_signs_nothing():
    desk = a_desk()
    application = an_application(ApplicationKind.RELOCATION)
    application = brought_to(application, ApplicationState.UNDER_REVIEW, desk)
    former = application.facility
    application = reviewing.register_site(application=application, by=desk.reviewer, at=NOW)
    application = brought_to(application, ApplicationState.RECOMMENDED, desk)
    Interest.objects.create(person=desk.decider, facility=former, nature="My house", declared_on=TODAY)
    with pytest.raises(NotPermitted):
        deciding.approve(application=application, by=desk.decider, at=NOW)
    with pytest.raises(REFUSED_BY_THE_DATABASE, match="has an interest"), transaction.atomic():
        by_sql(application.pk, Part.DECISION, application.revision, desk.decider.pk)
    Interest.objects.create(person=desk.recommender, facility=former, nature="My land", declared_on=TODAY)
    with pytest.raises(Refused) as refusal:
        deciding.approve(application=application, by=a_user(Role.APPROVER), at=NOW)
    assert refusal.value.code == "signed_by_the_unfit"


def test_who_acts_or_acted_for_the_operator_signs_nothing_whatever_the_role_has_become():
    desk = a_desk()
    application = brought_to(an_application(), ApplicationState.RECOMMENDED, desk)
    person = a_person_of(application.operator)
    with pytest.raises(Refused) as refusal:
        users.change(
            user=person,
            role=Role.APPROVER,
            province=None,
            first_name="",
            last_name="",
            email="",
            by=a_user(Role.ADMINISTRATOR),
            at=NOW,
        )
    assert refusal.value.code == "changes_sides"
    for _ in range(2):
        with pytest.raises(REFUSED_BY_THE_DATABASE, match="acts for the operator"), transaction.atomic():
            by_sql(application.pk, Part.DECISION, application.revision, person.pk)
        User.objects.filter(pk=person.pk).update(role=Role.APPROVER)
        person.representations.update(ended_on=TODAY)
    person.refresh_from_db()
    with pytest.raises(Refused, match="cannot sign"):
        deciding.approve(application=application, by=person, at=NOW)


def test_the_visit_is_not_taken_out_of_an_application_that_is_signed():
    application = with_a_visit(ApplicationState.APPROVED, a_desk())
    Application.objects.filter(pk=application.pk).update(visit=None)
    application.refresh_from_db()
    assert application.state == ApplicationState.UNDER_REVIEW
    assert not application.signatures.filter(revision=application.revision).exists()


# --- licences


@transaction.atomic
def to_the_end(deed: Callable[[], object]) -> None:
    deed()
    connection.check_constraints()


def test_a_licence_stands_on_an_application_that_is_granted_or_on_paper_that_two_people_saw():
    desk = a_desk()
    application = brought_to(an_application(), ApplicationState.APPROVED, desk)
    period = {"valid_from": TODAY, "valid_until": TODAY, "type": application.type}
    people = {"recorded_by": desk.reviewer, "decided_by": desk.countersigner}
    for wrong in (
        people | {"number": "MOH-2026-000009"},
        people | {"number": "moh-2026-000009"},
        people | {"number": "MOH-2026-000009", "application": application},
        people | {"recorded_by": None},
        people | {"decided_by": None},
    ):
        with pytest.raises(IntegrityError):
            to_the_end(lambda wrong=wrong: a_licence(application.facility, **period | wrong))


@pytest.mark.parametrize(
    "change",
    ["valid_until = valid_until + 365", "number = 'X'", "facility_id = facility_id + 1", "recorded_by_id = NULL"],
)
@pytest.mark.parametrize("table", ["licence", "serviceauthorisation"])
def test_what_is_decided_is_not_made_longer_or_another_by_raw_sql(table, change):
    licence = a_licence(a_facility(), valid_from=TODAY, valid_until=TODAY)
    an_authorisation(licence.facility, valid_from=TODAY, valid_until=TODAY)
    with pytest.raises(InternalError, match="Cannot update"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE licensing_{table} SET {change}")


# --- states


def state_by_sql(application: Application, state: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE licensing_application SET state = %s, decided_at = now() WHERE id = %s", [state, application.pk]
        )


def state_by_update(application: Application, state: str) -> None:
    Application.objects.filter(pk=application.pk).update(state=state, decided_at=NOW)


def state_by_bulk(application: Application, state: str) -> None:
    application.state, application.decided_at = state, NOW
    Application.objects.bulk_update([application], ["state", "decided_at"])


def state_by_admin(application: Application, state: str) -> None:
    application.state, application.decided_at = state, NOW
    admin.ModelAdmin(Application, admin.site).save_model(None, application, None, change=True)


@shared_task
def move_in_the_background(pk: int, state: str) -> None:
    state_by_sql(Application(pk=pk), state)


def state_by_celery(application: Application, state: str) -> None:
    move_in_the_background.apply(args=(application.pk, state), throw=True)


STATE_DOORS = [state_by_sql, state_by_update, state_by_bulk, state_by_admin, state_by_celery]
UNSIGNED = {
    ApplicationState.REVIEWED,
    ApplicationState.RECOMMENDED,
    ApplicationState.APPROVED,
    ApplicationState.GRANTED,
    ApplicationState.REFUSED,
}
REACHABLE = [
    *(ApplicationState.SUBMITTED, ApplicationState.UNDER_REVIEW, ApplicationState.REVIEWED),
    *(ApplicationState.RECOMMENDED, ApplicationState.APPROVED, ApplicationState.GRANTED, ApplicationState.REFUSED),
]


@pytest.mark.parametrize("door", STATE_DOORS)
@pytest.mark.parametrize("state", REACHABLE)
def test_no_state_is_reached_beside_the_table_or_without_its_signature(state, door):
    application = brought_to(an_application(), state, a_desk())
    for to in ApplicationState:
        takes_up_a_refusal = (state, to) == (ApplicationState.REFUSED, ApplicationState.UNDER_REVIEW)
        by_right = to in APPLICATION_TRANSITIONS[state] and to not in UNSIGNED and not takes_up_a_refusal
        if to == state or by_right:
            continue
        with pytest.raises(REFUSED_BY_THE_DATABASE), transaction.atomic():
            door(Application.objects.get(pk=application.pk), to.value)
    application.refresh_from_db()
    assert application.state == state
    assert Licence.objects.count() == (state == ApplicationState.GRANTED)


def test_the_admin_is_closed_and_the_api_changes_nothing(client):
    application = brought_to(an_application(), ApplicationState.RECOMMENDED, desk := a_desk())
    client.force_login(desk.decider)
    assert not any(admin.site.is_registered(model) for model in (Application, ApplicationSignature, Appeal, Licence))
    assert client.get("/admin/").status_code == 404
    body = {"state": "granted", "signatures": [{"part": "decision", "person": desk.decider.pk}]}
    addresses = ("/api/v1/applications/", f"/api/v1/applications/{application.number}/")
    for method, address in itertools.product(("post", "put", "patch", "delete"), addresses):
        answer = getattr(client, method)(address, body, content_type="application/json")
        assert answer.status_code in (403, 404, 405), (method, address)
    application.refresh_from_db()
    assert application.state == ApplicationState.RECOMMENDED


# --- appeals


def test_who_signed_hears_no_appeal_by_any_door():
    desk = a_desk()
    application = brought_to(an_application(), ApplicationState.REFUSED, desk)
    appeal = appeals.lodge(application=application, grounds="The roof is new.", by=application.created_by, at=NOW)
    for person in (desk.decider, application.created_by):
        with pytest.raises(NotPermitted):
            appeals.uphold(appeal=appeal, reason="So it is.", by=person, at=NOW)
        with pytest.raises(REFUSED_BY_THE_DATABASE), transaction.atomic():
            Appeal.objects.filter(pk=appeal.pk).update(outcome="upheld", reason="x", decided_at=NOW, decided_by=person)
    assert Visit.objects.count() == 0
