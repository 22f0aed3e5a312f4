"""The pages of the desk: the queue, each step, and nothing lost when two people act at once."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from licensing.actions.applications import deciding, queries, reviewing
from licensing.models import AdviceBody, Application
from licensing.states import ApplicationKind, ApplicationState
from registry.accounts.states import Role
from registry.models import Facility
from tests.factories import a_facility, a_user, another_province
from tests.factories_desk import a_desk, a_document, a_refusal_reason, an_application, brought_to

pytestmark = pytest.mark.django_db


def page(application: Application, verb: str) -> str:
    return reverse(f"application-{verb}", args=[application.number])


def send(client, application: Application, verb: str, **typed):
    return client.post(page(application, verb), {"seen": application.token, **typed}, follow=True)


def test_the_whole_way_is_gone_by_pages(client):
    desk = a_desk()
    application = an_application()
    document = a_document(application)
    application.refresh_from_db()
    body = AdviceBody.objects.create(code="council", name_km="គណៈ", name_en="Council")
    steps = [
        (desk.reviewer, "take-up", {}),
        (desk.reviewer, "ask-advice", {"body": body.pk, "question": "Too near?", "due_on": "31/12/2027"}),
        (desk.reviewer, "check-documents", {f"accepted_{document.pk}": "yes", f"remark_{document.pk}": ""}),
    ]
    for person, verb, typed in steps:
        client.force_login(person)
        assert client.get(page(application, verb)).status_code == 200, verb
        assert send(client, application, verb, **typed).status_code == 200, verb
        application.refresh_from_db()
    given = {"seen": application.token, "opinion": "no_objection", "text": ""}
    client.post(reverse("application-give-advice", args=[application.number, application.advice.get().pk]), given)
    application.refresh_from_db()
    steps = [
        (desk.reviewer, "finish", {"note": "All looked at."}),
        (desk.recommender, "recommend", {"opinion": "grant", "text": "In order."}),
        (desk.decider, "approve", {"note": ""}),
        (desk.countersigner, "countersign", {"note": ""}),
    ]
    for person, verb, typed in steps:
        client.force_login(person)
        assert client.get(page(application, verb)).status_code == 200, verb
        answer = send(client, application, verb, **typed)
        assert answer.status_code == 200, (verb, answer.content.decode())
        application.refresh_from_db()
    assert application.state == ApplicationState.GRANTED
    shown = client.get(reverse("application-detail", args=[application.number])).content.decode()
    assert "All looked at." in shown and application.licences.get().number in shown


def test_what_was_typed_is_kept_when_somebody_was_faster(client):
    desk = a_desk()
    application = brought_to(an_application(), ApplicationState.UNDER_REVIEW, desk)
    old = application.token
    reviewing.release(application=application, to=desk.recommender, by=desk.reviewer, at=timezone.now())
    reviewing.release(application=application, to=desk.reviewer, by=desk.recommender, at=timezone.now())
    client.force_login(desk.reviewer)
    typed = {"seen": old, "text": "Where is the second door?"}
    answer = client.post(page(application, "ask"), typed)
    shown = answer.content.decode()
    assert answer.status_code == 409
    assert "Where is the second door?" in shown and desk.recommender.get_username() in shown
    application.refresh_from_db()
    assert application.token.replace("+", "&#x2B;") in shown or application.token in shown
    assert client.post(page(application, "ask"), typed | {"seen": application.token}).status_code == 302
    assert application.queries.get().text == typed["text"]


def test_two_who_decide_at_once_are_told_of_each_other(client):
    desk = a_desk()
    application = brought_to(an_application(), ApplicationState.RECOMMENDED, desk)
    other = a_user(Role.APPROVER)
    client.force_login(other)
    typed = {"seen": application.token, "reasons": [a_refusal_reason().pk], "text": "The roof leaks."}
    brought_to(application, ApplicationState.APPROVED, desk, at=timezone.now())
    answer = client.post(page(application, "refuse"), typed)
    assert answer.status_code == 409
    assert "The roof leaks." in answer.content.decode() and "Decided to grant" in answer.content.decode()


def test_the_queue_has_mine_and_nobodys_due_first(client, django_assert_max_num_queries):
    desk = a_desk()
    late = an_application(due_on=timezone.localdate() - timedelta(days=3))
    mine = brought_to(an_application(), ApplicationState.UNDER_REVIEW, desk)
    other = brought_to(an_application(), ApplicationState.UNDER_REVIEW, a_desk())
    to_recommend = brought_to(an_application(), ApplicationState.REVIEWED, a_desk())
    own_review = brought_to(an_application(), ApplicationState.REVIEWED, desk)
    asked = brought_to(an_application(), ApplicationState.UNDER_REVIEW, desk)
    queries.ask(application=asked, text="Why?", by=desk.reviewer, at=timezone.now())
    client.force_login(desk.reviewer)
    with django_assert_max_num_queries(12):
        shown = client.get(reverse("application-queue")).content.decode()
    places = [shown.find(thing.number) for thing in (late, mine, to_recommend)]
    assert -1 not in places and min(places) == places[0]
    assert not any(thing.number in shown for thing in (other, own_review, asked))
    assert late.number in client.get(reverse("application-queue"), {"due": "overdue"}).content.decode()
    assert mine.number not in client.get(reverse("application-queue"), {"whose": "nobody"}).content.decode()
    home = client.get(reverse("home")).content.decode()
    assert "applications that wait for you" in home


def test_what_was_sent_back_waits_again_for_who_signed_it_before():
    desk = a_desk()
    application = brought_to(an_application(), ApplicationState.APPROVED, desk)
    deciding.send_back(application=application, reason="Ask again.", by=desk.countersigner, at=timezone.now())
    for person, state in (
        (desk.reviewer, ApplicationState.REVIEWED),
        (desk.recommender, ApplicationState.RECOMMENDED),
        (desk.decider, ApplicationState.APPROVED),
    ):
        assert Application.objects.waiting_for(person).exists()
        application = brought_to(Application.objects.get(), state, desk, at=timezone.now())
        assert not Application.objects.waiting_for(person).exists()


def test_a_province_finds_its_own_and_not_what_the_ministry_licenses(client):
    own, of_ministry = an_application(authority="province"), an_application()
    client.force_login(a_user(Role.PROVINCIAL_MANAGER))
    shown = client.get(reverse("application-queue")).content.decode()
    assert own.number in shown and of_ministry.number not in shown
    client.force_login(a_user(Role.PROVINCIAL_MANAGER, province=another_province()))
    assert own.number not in client.get(reverse("application-queue")).content.decode()
    assert client.get(page(own, "take-up")).status_code == 404


def test_a_new_site_is_registered_or_linked_and_who_looks_like_it_is_shown(client):
    desk = a_desk()
    alike = a_facility(name_en="New Clinic", phone="012345678")
    for choice in ({}, {"facility": alike.number}):
        application = an_application()
        Application.objects.filter(pk=application.pk).update(facility=None)
        application.refresh_from_db()
        application = brought_to(application, ApplicationState.UNDER_REVIEW, desk)
        client.force_login(desk.reviewer)
        shown = client.get(page(application, "place")).content.decode()
        assert alike.number in shown
        assert client.post(page(application, "place"), {"seen": application.token, **choice}).status_code == 302
        application.refresh_from_db()
        assert (application.facility == alike) == bool(choice)
    assert Facility.objects.filter(name_en="New Clinic").count() == 2


@pytest.mark.parametrize("verb", ["recommend", "approve", "countersign", "refuse", "take-up", "finish"])
def test_who_may_not_is_told_so(client, verb):
    application = brought_to(an_application(ApplicationKind.VARIATION), ApplicationState.UNDER_REVIEW, a_desk())
    client.force_login(a_user(Role.AUDITOR))
    assert client.get(page(application, verb)).status_code == 403
    typed = {"seen": application.token, "text": "x", "opinion": "grant", "reasons": [a_refusal_reason().pk]}
    assert client.post(page(application, verb), typed).status_code == 403
