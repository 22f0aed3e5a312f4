"""The visit before a licence: asked for by the ministry, made by the province, read at the desk."""

from datetime import timedelta

import pytest

from inspections.actions import visits
from inspections.models import Visit
from inspections.states import Purpose, VisitOutcome, VisitState
from licensing.actions.applications import advice, deciding, reviewing, visiting
from licensing.models import AdviceBody
from licensing.states import ApplicationState
from registry.accounts.models import User
from registry.accounts.states import Role
from registry.core.errors import NotPermitted, Refused
from registry.states import OperationalStatus
from tests.factories import (
    NOW,
    TODAY,
    a_checklist_version,
    a_facility_type,
    a_licence_type,
    a_ruleset,
    a_user,
    the_terms,
)
from tests.factories_desk import DAY, a_desk, an_application, brought_to

pytestmark = pytest.mark.django_db


def a_type_to_visit(band: str = "substantially_compliant"):
    type = a_licence_type("ministry")
    return the_terms(type, valid_from=TODAY - DAY, visit_needed=True, minimum_band=band)


def requested(desk):
    a_type_to_visit()
    a_ruleset()
    version = a_checklist_version(facility_type=a_facility_type())
    application = brought_to(an_application(), ApplicationState.UNDER_REVIEW, desk)
    return visiting.request(
        application=application, checklist_version=version, planned_on=TODAY + 7 * DAY, by=desk.reviewer, at=NOW
    )


def ended(application, **fields):
    """The visit as its approval would leave it."""
    fields = {"outcome": VisitOutcome.COMPLETED, "visited_on": TODAY, "next_due_on": TODAY + 90 * DAY} | fields
    Visit.objects.filter(pk=application.visit_id).update(state=VisitState.IN_PROGRESS, inspector=a_user(Role.INSPECTOR))
    Visit.objects.filter(pk=application.visit_id).update(state=VisitState.SUBMITTED, submitted_at=NOW, **fields)
    Visit.objects.filter(pk=application.visit_id).update(
        state=VisitState.APPROVED, decided_at=NOW, decided_by=a_user(Role.APPROVER)
    )


def test_a_visit_is_asked_for_and_the_province_says_who_goes():
    application = requested(a_desk())
    visit = application.visit
    assert (visit.state, visit.purpose, visit.inspector) == (VisitState.PLANNED, Purpose.PRE_LICENSING, None)
    manager, inspector = a_user(Role.PROVINCIAL_MANAGER), a_user(Role.INSPECTOR)
    visits.assign(visit=visit, lead=inspector, by=manager, at=NOW)
    visit.refresh_from_db()
    assert visit.inspector == inspector


@pytest.mark.parametrize(
    ("band", "outcome", "code"),
    [
        ("fully_compliant", VisitOutcome.COMPLETED, None),
        ("substantially_compliant", VisitOutcome.COMPLETED, None),
        ("partially_compliant", VisitOutcome.COMPLETED, "visit_below_band"),
        ("", VisitOutcome.REFUSED, "visit_not_completed"),
    ],
)
def test_the_result_must_reach_the_lowest_band_of_the_terms(band, outcome, code):
    desk = a_desk()
    application = requested(desk)
    with pytest.raises(Refused) as refusal:
        visiting.read_result(application=application, by=desk.reviewer, at=NOW)
    assert refusal.value.code == "visit_not_over"
    ended(application, band=band, outcome=outcome)
    application = visiting.read_result(application=application, by=desk.reviewer, at=NOW)
    application = brought_to(application, ApplicationState.REVIEWED, desk)
    recommend = {"application": application, "text": "So it is.", "by": desk.recommender, "at": NOW}
    if code is None:
        assert deciding.recommend(opinion="grant", **recommend).state == ApplicationState.RECOMMENDED
        return
    with pytest.raises(Refused) as refusal:
        deciding.recommend(opinion="grant", **recommend)
    assert refusal.value.code == code
    assert deciding.recommend(opinion="refuse", **recommend).state == ApplicationState.RECOMMENDED


def test_without_the_visit_nothing_is_granted_and_one_called_off_is_none():
    desk = a_desk()
    application = requested(desk)
    visits.cancel(visit=application.visit, reason="Flood", by=a_user(Role.PROVINCIAL_MANAGER), at=NOW)
    application = visiting.read_result(application=application, by=desk.reviewer, at=NOW)
    assert application.visit is None
    application = brought_to(application, ApplicationState.REVIEWED, desk)
    with pytest.raises(Refused) as refusal:
        deciding.recommend(application=application, opinion="grant", text="Good.", by=desk.recommender, at=NOW)
    assert refusal.value.code == "no_visit"


def test_a_new_site_is_registered_before_it_is_visited():
    desk = a_desk()
    application = an_application()
    type(application).objects.filter(pk=application.pk).update(facility=None)
    application.refresh_from_db()
    application = brought_to(application, ApplicationState.UNDER_REVIEW, desk)
    with pytest.raises(Refused) as refusal:
        reviewing.finish(application=application, by=desk.reviewer, at=NOW)
    assert refusal.value.code == "no_site"
    application = reviewing.register_site(application=application, by=desk.reviewer, at=NOW)
    site = application.facility
    assert (site.name_en, site.beds, site.operator) == ("New Clinic", 12, application.operator)
    assert site.operational_status == OperationalStatus.PLANNED
    with pytest.raises(Refused):
        reviewing.register_site(application=application, by=desk.reviewer, at=NOW + timedelta(minutes=1))


def test_an_objection_is_answered_by_who_recommends_to_grant():
    desk = a_desk()
    body = AdviceBody.objects.create(code="council", name_km="គណៈ", name_en="Council")
    application = brought_to(an_application(), ApplicationState.UNDER_REVIEW, desk)
    one = advice.ask(application=application, body=body, due_on=TODAY + 9 * DAY, by=desk.reviewer, at=NOW)
    advice.give(advice=one, opinion="objection", text="Too near.", by=desk.reviewer, at=NOW)
    application = brought_to(application, ApplicationState.REVIEWED, desk)
    recommend = {"application": application, "opinion": "grant", "text": "Good.", "by": desk.recommender, "at": NOW}
    with pytest.raises(Refused, match="Council") as refusal:
        deciding.recommend(**recommend)
    assert refusal.value.code == "objection_not_answered"
    application = deciding.recommend(**recommend, on_objections="It is 2 km away.")
    assert application.signatures.get(part="recommendation").note == "It is 2 km away."


def test_who_visited_decides_nothing_even_in_another_role():
    desk = a_desk()
    application = requested(desk)
    ended(application, band="fully_compliant")
    application = visiting.read_result(application=application, by=desk.reviewer, at=NOW)
    visitor = application.visit.inspector
    User.objects.filter(pk=visitor.pk).update(role=Role.APPROVER, province=None)
    visitor.refresh_from_db()
    application = brought_to(application, ApplicationState.RECOMMENDED, desk)
    with pytest.raises(NotPermitted) as refusal:
        deciding.approve(application=application, by=visitor, at=NOW)
    assert refusal.value.code == "visited"
