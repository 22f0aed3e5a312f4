"""What becomes of the register by each kind of application, all at once or not at all."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import count
from pkgutil import resolve_name
from threading import Barrier
from unittest.mock import patch

import pytest
from django.db import OperationalError, connection

from licensing import sweeps
from licensing.actions import grants
from licensing.actions.applications import deciding, reviewing
from licensing.models import Application, Certificate, Invoice, Licence, NumberSeries, ServiceAuthorisation
from licensing.states import ApplicationKind, ApplicationState, LicenceState
from registry.accounts.states import Role
from registry.audit.models import AuditEvent
from registry.core.errors import Refusal, Refused
from registry.models import Equipment, Facility, Posting
from registry.outbox.models import Letter, Message
from registry.states import OperationalStatus
from tests.factories import NOW, TODAY, a_service, a_user, an_authorisation
from tests.factories_desk import DAY, a_desk, a_licence_in_force, an_application, brought_to
from tests.factories_people import a_posting, some_equipment

pytestmark = pytest.mark.django_db


def granted(kind: str, **fields):
    application = brought_to(an_application(kind, **fields), ApplicationState.GRANTED, a_desk())
    assert application.state == ApplicationState.GRANTED
    return application


def test_a_new_site_with_a_day_to_come_opens_on_that_day():
    application = granted(ApplicationKind.NEW, begins_on=TODAY + 10 * DAY)
    licence = Licence.objects.get(application=application)
    assert licence.valid_from == TODAY + 10 * DAY
    assert Facility.objects.get(pk=licence.facility_id).operational_status == OperationalStatus.PLANNED
    for night in (9, 10, 10):
        sweeps.open_sites(as_of=TODAY + night * DAY, at=NOW + timedelta(days=night))
    site = Facility.objects.get(pk=licence.facility_id)
    assert site.operational_status == OperationalStatus.OPERATING
    assert site.status_changes.get(status=OperationalStatus.OPERATING).effective_on == TODAY + 10 * DAY


def test_a_renewal_follows_upon_the_old_licence_and_a_lapsed_one_begins_today():
    application = granted(ApplicationKind.RENEWAL)
    assert Licence.objects.get(application=application).valid_from == application.concerns.valid_until + DAY
    lapsed = a_licence_in_force(until=TODAY - DAY)
    Licence.objects.filter(pk=lapsed.pk).update(state=LicenceState.EXPIRED)
    lapsed.refresh_from_db()
    application = granted(ApplicationKind.RENEWAL, concerns=lapsed)
    assert Licence.objects.get(application=application).valid_from == TODAY


def test_a_renewal_goes_on_with_the_services_from_the_day_they_run_out():
    old = a_licence_in_force(code="ministry")
    held = an_authorisation(old.facility, valid_from=TODAY - 9 * DAY, valid_until=old.valid_until)
    application = granted(ApplicationKind.RENEWAL, concerns=old, surgery=True)
    new = Licence.objects.get(application=application)
    authorisation = ServiceAuthorisation.objects.get(application=application)
    assert (authorisation.valid_from, authorisation.valid_until) == (held.valid_until + DAY, new.valid_until)


def test_a_variation_changes_the_facts_and_the_certificate():
    application = granted(ApplicationKind.VARIATION)
    site = Facility.objects.get(pk=application.facility_id)
    assert (site.name_en, site.beds) == ("Clinic of Another Name", 15)
    assert Certificate.objects.get(licence=application.concerns)
    assert not Licence.objects.filter(application=application)


@pytest.mark.parametrize("kind", [ApplicationKind.RELOCATION, ApplicationKind.CHANGE_OF_OWNER])
def test_a_site_that_goes_on_as_another_takes_its_history_along(kind):
    old = a_licence_in_force(code="ministry")
    former = old.facility
    an_authorisation(former, valid_from=TODAY - 9 * DAY, valid_until=old.valid_until)
    doctor = a_posting(former, is_responsible=True).practitioner
    device = some_equipment(former)
    application = an_application(kind, concerns=old, surgery=True)
    desk = a_desk()
    if kind == ApplicationKind.RELOCATION:
        application = brought_to(application, ApplicationState.UNDER_REVIEW, desk)
        application = reviewing.register_site(application=application, by=desk.reviewer, at=NOW)
    application = brought_to(application, ApplicationState.GRANTED, desk)
    new = Licence.objects.select_related("facility").get(application=application)
    heir = new.facility
    assert heir.predecessor_id == former.pk
    assert heir.operational_status == OperationalStatus.OPERATING
    assert heir.operator_id == application.operator_id
    former.refresh_from_db(), old.refresh_from_db()
    assert former.operational_status == OperationalStatus.CLOSED
    assert (old.state, old.ended_on) == (LicenceState.SURRENDERED, TODAY)
    assert not ServiceAuthorisation.objects.in_force(TODAY).filter(facility=former)
    assert ServiceAuthorisation.objects.in_force(TODAY).get(facility=heir).application == application
    assert Posting.objects.responsible().in_force(TODAY).get(practitioner=doctor).facility == heir
    assert Posting.objects.get(facility=former).valid_until == TODAY - DAY
    assert Equipment.objects.get(pk=device.pk).facility == heir


def test_an_added_service_stands_beside_the_licence_until_it_ends():
    application = granted(ApplicationKind.ADDED_SERVICE, surgery=True)
    authorisation = ServiceAuthorisation.objects.get(application=application)
    assert (authorisation.valid_from, authorisation.valid_until) == (TODAY, application.concerns.valid_until)
    assert Certificate.objects.filter(licence=application.concerns).count() == 1


def test_an_upgrade_changes_the_type_and_the_licence_on_one_day():
    application = granted(ApplicationKind.CHANGE_OF_TYPE)
    site = Facility.objects.select_related("type").get(pk=application.facility_id)
    new = Licence.objects.get(application=application)
    assert (site.type.code, site.beds) == ("polyclinic", 30)
    assert (new.type.code, new.valid_from) == ("polyclinic", TODAY)
    assert Licence.objects.get(pk=application.concerns_id).ended_on == TODAY


def test_a_licence_that_is_given_back_ends_with_its_services():
    old = a_licence_in_force(code="ministry")
    an_authorisation(old.facility, valid_from=TODAY - 9 * DAY, valid_until=old.valid_until)
    granted(ApplicationKind.SURRENDER, concerns=old, begins_on=TODAY + 5 * DAY)
    old.refresh_from_db()
    assert (old.state, old.ended_on) == (LicenceState.SURRENDERED, TODAY + 5 * DAY)
    assert ServiceAuthorisation.objects.get(facility=old.facility).ended_on == TODAY + 5 * DAY


def test_no_new_licence_gets_round_a_suspension():
    application = brought_to(an_application(ApplicationKind.RENEWAL), ApplicationState.APPROVED, desk := a_desk())

    grants.suspend(
        grant=application.concerns,
        grounds="Dirty",
        notice_on=TODAY,
        from_on=TODAY,
        review_on=None,
        by=a_user(Role.APPROVER),
        at=NOW,
    )
    with pytest.raises(Refused, match="Suspended"):
        deciding.countersign(application=application, by=desk.countersigner, at=NOW)


POINTS = (
    "licensing.actions.applications.deciding.sign",
    "licensing.actions.applications.granting.succession.hand_over",
    "licensing.actions.applications.granting.facilities.register",
    "licensing.actions.applications.granting.licences.replace",
    "licensing.actions.applications.granting.licences.issue",
    "licensing.actions.licences.next_number",
    "licensing.actions.applications.granting.service_authorisations.issue",
    "licensing.actions.applications.granting.certificates.issue",
    "licensing.actions.applications.opening.facilities.change_status",
    "licensing.actions.applications.granting.save",
    "licensing.actions.applications.granting.record_event",
    "licensing.actions.applications.granting.tell",
)
TABLES = (
    *(Application.signatures.rel.related_model, Licence, ServiceAuthorisation, Certificate, NumberSeries, AuditEvent),
    *(Message, Letter, Facility, Posting, Invoice),
)


def everything() -> list[object]:
    return [sorted(table._default_manager.values_list(), key=repr) for table in (*TABLES, Application)]


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("when", ["before", "after"])
def test_what_fails_at_one_point_leaves_nothing_anywhere(point, when):
    old = a_licence_in_force(code="ministry")
    a_posting(old.facility)
    application = an_application(ApplicationKind.CHANGE_OF_OWNER, concerns=old, surgery=True)
    application = brought_to(application, ApplicationState.APPROVED, desk := a_desk())
    before = everything()

    real = resolve_name(point)

    def fail(*arguments, **named):
        if when == "after":
            real(*arguments, **named)
        raise ConnectionError(point)

    with patch(point, fail), pytest.raises(ConnectionError, match=point):
        deciding.countersign(application=application, by=desk.countersigner, at=NOW)
    assert everything() == before


def failing_at(place: int):
    places = count(1)

    def execute(run, *statement):
        if next(places) == place:
            raise OperationalError(f"the connection breaks at statement {place}")
        return run(*statement)

    return execute


def test_what_fails_at_any_statement_leaves_nothing_anywhere():
    application = brought_to(an_application(surgery=True), ApplicationState.APPROVED, desk := a_desk())
    before = everything()
    for place in count(1):
        try:
            with connection.execute_wrapper(failing_at(place)):
                deciding.countersign(application=application, by=desk.countersigner, at=NOW)
            break
        except OperationalError:
            assert everything() == before, place
    assert place > 50
    assert Certificate.objects.get(licence__application=application)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("authority", ["ministry", "province"])
def test_32_signatures_at_once_make_one_licence(authority):
    desk = a_desk()
    last = ApplicationState.APPROVED if authority == "ministry" else ApplicationState.RECOMMENDED
    application = brought_to(an_application(authority=authority, surgery=True), last, desk)
    act = deciding.countersign if authority == "ministry" else deciding.approve
    signers = [a_user(Role.APPROVER) for _ in range(32)]
    start = Barrier(len(signers))

    def sign(person) -> str:
        try:
            start.wait()
            act(application=application, by=person, at=NOW)
            return "granted"
        except Refusal as refusal:
            return refusal.code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(signers)) as pool:
        answers = list(pool.map(sign, signers))
    assert sorted(set(answers)) == ["granted", "wrong_state"]
    assert answers.count("granted") == 1
    assert Licence.objects.get(application=application).number.endswith("-000001")
    assert ServiceAuthorisation.objects.filter(application=application, service=a_service()).count() == 1
    assert AuditEvent.objects.filter(verb="application.granted").count() == 1
