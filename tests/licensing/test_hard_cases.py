"""What happens while an application is on its way, or after a licence has gone."""

from datetime import timedelta

import pytest

from licensing.actions import certificates, grants
from licensing.actions.applications import deciding, drafting, queries
from licensing.models import Licence
from licensing.reports import verification
from licensing.states import ApplicationKind, ApplicationState, LicenceState, Verdict
from registry.accounts.states import Role
from registry.actions import representatives
from registry.core.errors import NotPermitted, Refused
from registry.models import Facility, Operator, Representative
from registry.states import OperationalStatus
from tests.factories import NOW, TODAY, a_facility, a_licence, a_user, an_authorisation, an_operator
from tests.factories_applying import handed_in
from tests.factories_desk import DAY, a_desk, a_licence_in_force, an_application, brought_to

pytestmark = pytest.mark.django_db


def refused(act, **arguments) -> str:
    with pytest.raises(Refused) as refusal:
        act(**arguments, at=NOW)
    return refusal.value.code


def closes(licence: Licence, operator: Operator) -> None:
    Facility.objects.filter(pk=licence.facility_id).update(operational_status=OperationalStatus.CLOSED)


def comes_into_other_hands(licence: Licence, operator: Operator) -> None:
    Facility.objects.filter(pk=licence.facility_id).update(operator=operator)


def is_revoked(licence: Licence, operator: Operator) -> None:
    grants.revoke(grant=licence, ended_on=TODAY, notice_on=TODAY, reason="Dirty", by=a_user(Role.APPROVER), at=NOW)


@pytest.mark.parametrize(
    ("event", "code"),
    [(closes, "facility_closed"), (comes_into_other_hands, "another_operator"), (is_revoked, "licence_not_in_force")],
)
def test_what_becomes_of_the_site_before_the_last_signature_stops_the_licence(event, code):
    desk = a_desk()
    application = brought_to(an_application(ApplicationKind.RENEWAL), ApplicationState.APPROVED, desk)
    event(application.concerns, an_operator())
    assert refused(deciding.countersign, application=application, by=desk.countersigner) == code
    assert not Licence.objects.filter(application=application).exists()


def test_a_site_that_has_closed_gives_its_licence_back_and_asks_for_nothing_else():
    licence, officer = a_licence_in_force(), a_user(Role.LICENSING_OFFICER)
    closes(licence, an_operator())
    licence.facility.refresh_from_db()
    begun = {"operator": licence.facility.operator, "licence": licence, "by": officer}
    assert refused(drafting.begin, kind=ApplicationKind.VARIATION, **begun) == "facility_closed"
    assert drafting.begin(kind=ApplicationKind.SURRENDER, **begun, at=NOW)
    desk = a_desk()
    application = brought_to(
        an_application(ApplicationKind.SURRENDER, concerns=licence), ApplicationState.GRANTED, desk
    )
    assert Licence.objects.get(pk=application.concerns_id).state == LicenceState.SURRENDERED


def test_a_site_of_nobody_is_the_applicants_once_the_licence_is_there():
    site = a_facility(status=OperationalStatus.PLANNED)
    application = an_application(facility=site, operator=(operator := an_operator()))
    brought_to(application, ApplicationState.GRANTED, a_desk())
    assert Facility.objects.get(pk=site.pk).operator == operator


def test_when_nobody_acts_for_the_operator_any_more_an_officer_enters_the_answer(time_machine):
    time_machine.move_to(NOW, tick=False)
    desk = a_desk()
    application = brought_to(handed_in(), ApplicationState.UNDER_REVIEW, desk)
    queries.ask(application=application, text="How many beds?", by=desk.reviewer, at=NOW)
    with pytest.raises(NotPermitted):
        queries.answer(application=application, text="Ten", by=desk.recommender, at=NOW)
    acting = Representative.objects.get(operator=application.operator)
    representatives.end(representative=acting, reason="Left", by=a_user(Role.ADMINISTRATOR), at=NOW)
    acting.person.refresh_from_db()
    with pytest.raises(NotPermitted):
        queries.answer(application=application, text="Ten", by=acting.person, at=NOW)
    queries.answer(application=application, text="Ten", by=desk.recommender, at=NOW)
    application.refresh_from_db()
    assert application.state == ApplicationState.UNDER_REVIEW


def test_a_service_is_never_worth_more_than_the_licence_it_stands_on():
    licence = a_licence(a_facility(), valid_from=TODAY, valid_until=TODAY + 10 * DAY)
    an_authorisation(licence.facility, valid_from=TODAY, valid_until=TODAY + timedelta(days=100))
    serial = certificates.issue(licence=licence, by=None, at=NOW).serial

    def said(on) -> list[Verdict]:
        return [service.verdict for service in verification.of_serial(serial, on=on).services]

    assert [said(TODAY + days * DAY) for days in (10, 11)] == [[Verdict.VALID], [Verdict.EXPIRED]]
    is_revoked(licence, an_operator())
    assert said(TODAY) == [Verdict.REVOKED]
