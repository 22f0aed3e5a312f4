"""From handed in to granted or refused, and what stands in the way."""

from datetime import timedelta

import pytest

from licensing.actions.applications import appeals, deciding, queries, reviewing
from licensing.models import Certificate, Licence
from licensing.states import ApplicationState, LicenceState
from registry.accounts.states import Role
from registry.audit.models import AuditEvent
from registry.core.errors import NotPermitted, Refused
from registry.models import Facility, Representative
from registry.outbox.models import Letter, Message
from registry.states import OperationalStatus
from tests.factories import NOW, TODAY, a_user, an_operator
from tests.factories_desk import a_desk, a_document, an_application, brought_to

pytestmark = pytest.mark.django_db


def test_four_people_make_a_licence_with_a_certificate_and_the_site_opens():
    desk = a_desk()
    application = brought_to(an_application(), ApplicationState.GRANTED, desk)
    licence = Licence.objects.get(application=application)
    assert licence.state == LicenceState.ISSUED
    assert (licence.recorded_by, licence.decided_by) == (desk.reviewer, desk.countersigner)
    assert (licence.valid_from, licence.valid_until) == (TODAY, TODAY.replace(year=2028) - timedelta(days=1))
    assert Certificate.objects.filter(licence=licence).count() == 1
    assert Facility.objects.get(pk=licence.facility_id).operational_status == OperationalStatus.OPERATING
    assert application.decided_at == NOW
    verbs = AuditEvent.objects.filter(subject_number=application.number).order_by("id").values_list("verb", flat=True)
    assert list(verbs) == [
        f"application.{verb}"
        for verb in ("taken_up", "reviewed", "recommended", "approved", "countersigned", "granted")
    ]


def test_what_a_province_licenses_is_granted_by_one_decision():
    application = brought_to(an_application(authority="province"), ApplicationState.RECOMMENDED, desk := a_desk())
    application = deciding.approve(application=application, by=desk.decider, at=NOW)
    assert application.state == ApplicationState.GRANTED
    assert Licence.objects.get(application=application).number == "PHD12-2026-000001"


def test_a_document_that_nobody_looked_at_holds_the_review_up():
    desk = a_desk()
    application = brought_to(an_application(), ApplicationState.UNDER_REVIEW, desk)
    document = a_document(application)
    with pytest.raises(Refused, match="Plan of the site") as refusal:
        reviewing.finish(application=application, by=desk.reviewer, at=NOW)
    assert refusal.value.code == "document_not_checked"
    reviewing.check_document(document=document, accepted=False, remark="No scale", by=desk.reviewer, at=NOW)
    application = reviewing.finish(application=application, by=desk.reviewer, at=NOW)
    with pytest.raises(Refused, match="No scale"):
        deciding.recommend(application=application, opinion="grant", text="Good.", by=desk.recommender, at=NOW)
    deciding.recommend(application=application, opinion="refuse", text="No plan.", by=desk.recommender, at=NOW)


def test_who_acts_on_an_old_page_is_told_who_was_faster():
    desk = a_desk()
    application = brought_to(an_application(), ApplicationState.UNDER_REVIEW, desk)
    seen = application.token
    queries.ask(application=application, text="Which storey?", by=desk.reviewer, at=NOW + timedelta(minutes=1))
    with pytest.raises(Refused, match="Question to the applicant") as refusal:
        reviewing.release(application=application, seen=seen, by=desk.reviewer, at=NOW + timedelta(minutes=2))
    assert refusal.value.code == "changed_meanwhile"
    assert desk.reviewer.get_username() in refusal.value.sentence


def test_a_reviewer_gives_it_to_a_colleague_and_only_one_has_it():
    desk = a_desk()
    application = brought_to(an_application(), ApplicationState.UNDER_REVIEW, desk)
    with pytest.raises(Refused):
        reviewing.take_up(application=application, by=desk.recommender, at=NOW)
    with pytest.raises(NotPermitted):
        reviewing.release(application=application, to=a_user(Role.INSPECTOR), by=desk.reviewer, at=NOW)
    application = reviewing.release(application=application, to=desk.recommender, by=desk.reviewer, at=NOW)
    with pytest.raises(NotPermitted, match="Take it up first"):
        reviewing.finish(application=application, by=desk.reviewer, at=NOW)
    reviewing.release(application=application, by=desk.decider, at=NOW)
    application = reviewing.take_up(application=application, by=desk.reviewer, at=NOW)
    assert application.reviewer == desk.reviewer


def test_sent_back_everybody_signs_anew():
    desk = a_desk()
    application = brought_to(an_application(), ApplicationState.APPROVED, desk)
    former = application.revision
    application = deciding.send_back(application=application, reason="Ask again.", by=desk.countersigner, at=NOW)
    assert (application.state, application.revision) == (ApplicationState.UNDER_REVIEW, former + 1)
    application = brought_to(application, ApplicationState.GRANTED, desk)
    assert application.signatures.count() == 7
    assert application.state == ApplicationState.GRANTED


def test_the_applicant_is_told_of_what_concerns_it_once():
    operator = an_operator(email="clinic@example.org")
    person = a_user(Role.OPERATOR)
    Representative.objects.create(person=person, operator=operator, appointed_at=NOW)
    a_user(Role.OPERATOR)
    desk = a_desk()
    application = brought_to(an_application(operator=operator), ApplicationState.UNDER_REVIEW, desk)
    queries.ask(application=application, text="Which storey?", by=desk.reviewer, at=NOW)
    queries.answer(application=application, text="The third.", by=application.created_by, at=NOW)
    application.refresh_from_db()
    application = brought_to(application, ApplicationState.REFUSED, desk)
    appeal = appeals.lodge(application=application, grounds="Wrong.", by=application.created_by, at=NOW)
    appeals.dismiss(appeal=appeal, reason="It leaks.", by=desk.hearer, at=NOW)
    told = Message.objects.order_by("pk")
    assert {message.person for message in told} == {person}
    assert [message.kind for message in told] == [
        f"application.{kind}" for kind in ("taken_up", "queried", "refused", "appeal_dismissed")
    ]
    assert told[1].context["question"] == "Which storey?"
    assert set(Letter.objects.filter(person=None).values_list("address", flat=True)) == {"clinic@example.org"}
