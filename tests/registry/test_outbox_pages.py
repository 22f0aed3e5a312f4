"""The pages of messages and letters."""

from datetime import timedelta

import pytest
from django.utils import timezone

from enforcement.sweeps import sweep
from registry.accounts.states import Role
from registry.outbox import actions as outbox
from registry.outbox.models import Letter, Message, Preference
from registry.outbox.states import LetterState
from tests.factories import NOW, a_facility, a_user

pytestmark = pytest.mark.django_db


def tell(person, number=1, link="/licences/", kind="sweep.missed"):
    for n in range(number):
        outbox.post(to=person, kind=kind, key=f"{person.pk}.{n}.{link}", context={"day": NOW.date()}, link=link, at=NOW)


@pytest.fixture
def person(client):
    person = a_user(Role.OPERATOR, email="operator@example.org")
    client.force_login(person)
    return person


def test_an_operator_reads_the_own_messages_and_no_others(client, person):
    tell(person)
    tell(a_user(), link="/flags/")
    page = client.get("/messages/").content.decode()
    assert page.count("The nightly sweep was missed") >= 1
    assert client.get(f"/messages/{Message.objects.get(person=person).pk}/").status_code == 200
    other = Message.objects.exclude(person=person).get()
    assert client.get(f"/messages/{other.pk}/").status_code == 404
    assert client.post(f"/messages/{other.pk}/read/").status_code == 404
    assert client.get("/letters/").status_code == 403


def test_the_header_counts_what_is_unread_in_the_query_that_reads_the_person(client, person, django_assert_num_queries):
    tell(person, 3)
    with django_assert_num_queries(2):  # the session; the person, with the number of messages
        page = client.get("/account/letters/nowhere/")
    page = client.get("/messages/").content.decode()
    assert "(3)" in page or "(3<" in page


def test_looking_changes_nothing_and_a_button_does(client, person):
    tell(person)
    message = Message.objects.get()
    page = client.get(f"/messages/{message.pk}/")
    client.get("/messages/")
    assert client.get(f"/messages/{message.pk}/read/").status_code == 405
    assert Message.objects.get().read_at is None
    assert b'hx-trigger="load"' in page.content
    response = client.post(f"/messages/{message.pk}/read/")
    assert (response.status_code, response["Location"]) == (302, "/licences/")
    assert Message.objects.get().read_at is not None
    assert b'hx-trigger="load"' not in client.get(f"/messages/{message.pk}/").content


def test_htmx_marks_as_read_without_leaving_the_page(client, person):
    tell(person)
    response = client.post(f"/messages/{Message.objects.get().pk}/read/", headers={"HX-Request": "true"})
    assert response.status_code == 204
    assert Message.objects.get().read_at is not None


def test_all_are_marked_as_read_at_once(client, person):
    tell(person, 3)
    tell(a_user(), link="/flags/")
    assert b"Mark all as read" in client.get("/messages/").content
    response = client.post("/messages/read/", follow=True)
    assert b"3 messages are marked as read." in response.content
    assert b"Mark all as read" not in response.content
    assert Message.objects.unread().count() == 1


def test_unread_ones_are_filtered_and_everything_is_exported(client, person):
    tell(person, 2)
    outbox.read(message=Message.objects.first(), by=person, at=NOW)
    assert len(client.get("/messages/?state=unread").context["rows"]) == 1
    assert len(client.get("/messages/?state=read").context["rows"]) == 1
    assert len(client.get("/messages/?kind=visit.approved").context["rows"]) == 0
    file = b"".join(client.get("/messages/?export=csv").streaming_content).decode()
    assert file.count("The nightly sweep was missed") == 2


def test_the_list_costs_the_same_however_long_it_is(client, person, django_assert_max_num_queries):
    tell(person, 60)
    with django_assert_max_num_queries(4):  # session, person, rows, count
        assert len(client.get("/messages/").context["rows"]) == 50


def test_a_person_chooses_how_to_be_written_to(client, person):
    page = client.get("/account/letters/").content.decode()
    assert "telegram" not in page.lower()
    client.post("/account/letters/", {"language": "en"})
    preference = Preference.objects.get(person=person)
    assert (preference.language, preference.by_email) == ("en", False)
    tell(person)
    assert not Letter.objects.exists()


def test_administrators_see_the_letters_and_send_one_again(client, person):
    facility = a_facility()
    outbox.post(to=person, kind="sweep.missed", key="a", context={"day": NOW.date()}, facility=facility, at=NOW)
    Letter.objects.update(state=LetterState.GIVEN_UP, failure="no answer", attempts=8)
    letter = Letter.objects.get()
    client.force_login(a_user(Role.AUDITOR))
    assert b"operator@example.org" in client.get("/letters/").content
    assert b"Send it again" not in client.get(f"/letters/{letter.pk}/").content
    assert client.post(f"/letters/{letter.pk}/again/").status_code == 403
    client.force_login(a_user(Role.ADMINISTRATOR))
    assert b"Send it again" in client.get(f"/letters/{letter.pk}/").content
    client.post(f"/letters/{letter.pk}/again/")
    assert client.post(f"/letters/{letter.pk}/again/").status_code == 409
    assert Letter.objects.get().state == LetterState.WAITING


def test_letters_that_are_long_overdue_are_seen_by_whoever_watches(client, person):
    sweep(as_of=timezone.localdate(), started_by="test")
    assert client.get("/healthz").json()["status"] == "ok"
    tell(person)
    Letter.objects.update(next_try_at=timezone.now() - timedelta(hours=2))
    answer = client.get("/healthz").json()
    assert answer["letters_overdue_minutes"] == 120
    assert answer["status"] == "degraded"
