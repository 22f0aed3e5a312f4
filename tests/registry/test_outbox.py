"""News: posted with the deed it tells of, once to each, in the reader's language."""

import re
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.conf import settings
from django.core import mail
from django.db import IntegrityError, transaction
from django.utils import translation

from registry.accounts.states import Role
from registry.core.errors import NotPermitted, Refused
from registry.outbox import actions as outbox
from registry.outbox import rules
from registry.outbox.models import Letter, Message, Preference
from registry.outbox.states import Channel, LetterState
from tests.factories import NOW, a_facility, a_user

pytestmark = pytest.mark.django_db
FLOORS = ("registry", "inspections", "licensing", "enforcement", "portal")


@pytest.fixture(autouse=True)
def a_kind(monkeypatch, settings):
    settings.PUBLIC_URL = "https://register.example"
    words = ("To renew: %(facility)s", "The licence of %(facility)s ends on %(day)s.")
    monkeypatch.setitem(rules.wordings(), "test", words)


@pytest.fixture
def person():
    return a_user(Role.LICENSING_OFFICER, email="sok@example.org")


def post(key="deed", **changes):
    facility = changes.pop("facility", None) or a_facility(name_en="Sok Clinic", name_km="គ្លីនិកសុខ")
    context = {"day": date(2026, 12, 31)}
    outbox.post(**{"kind": "test", "key": key, "context": context, "facility": facility, "at": NOW} | changes)
    return facility


def send(at=NOW):
    while outbox.send_next(at=at):
        pass


def test_a_person_finds_it_in_the_inbox_and_by_email_in_the_language_of_each(person):
    outbox.prefer(language="en", by_email=True, by=person)
    facility = post(to=person, link="/visits/1/")
    message, letter = Message.objects.get(), Letter.objects.get()
    with translation.override("km"):
        assert "គ្លីនិកសុខ" in rules.words(message.kind, message.context)[0]
    assert letter.subject == "To renew: Sok Clinic"
    assert letter.text == "The licence of Sok Clinic ends on 31 December 2026.\n\nhttps://register.example/visits/1/"
    assert {message.facility_number, letter.facility_number} == {facility.number}
    send()
    letter.refresh_from_db()
    assert (letter.state, letter.sent_at, letter.attempts) == (LetterState.SENT, NOW, 1)
    assert mail.outbox[0].to == ["sok@example.org"]
    assert mail.outbox[0].extra_headers["Message-ID"].startswith(f"<{letter.uuid}@")


def test_whoever_wants_no_email_or_has_left_gets_none(person):
    outbox.prefer(language="km", by_email=False, by=person)
    post(to=[person, a_user(email="gone@example.org", is_active=False)])
    assert Message.objects.count() == 1
    assert not Letter.objects.exists()


def test_an_address_outside_reads_both_languages():
    post(email="clinic@example.org")
    letter = Letter.objects.get()
    assert "គ្លីនិកសុខ" in letter.text and "Sok Clinic" in letter.text
    assert not Message.objects.exists()


def test_nobody_is_told_the_same_deed_twice(person):
    facility = a_facility()
    for _turn in range(3):
        post(to=[person, person], email="clinic@example.org", facility=facility)
    assert (Message.objects.count(), Letter.objects.count()) == (1, 2)
    post("another deed", to=person, facility=facility)
    assert (Message.objects.count(), Letter.objects.count()) == (2, 3)


def test_a_kind_nobody_declared_is_a_fault_of_the_program_and_an_old_one_keeps_its_code(person):
    with pytest.raises(ValueError, match="unheard"):
        post(to=person, kind="unheard")
    assert rules.words("licence.of_old", {}) == ("licence.of_old", "")


def test_every_kind_that_is_posted_says_something():
    house = Path(settings.BASE_DIR)
    code = "".join(file.read_text() for floor in FLOORS for file in (house / floor).rglob("*.py"))
    posted = {kind for kind in re.findall(r'kind="([a-z_]+\.[a-z_]+)"', code) if kind.split(".")[0] not in FLOORS}
    assert "campaign.launched" in posted
    assert posted <= rules.wordings().keys()


def test_what_is_undone_told_nobody(person):
    with transaction.atomic():
        post(to=person)
        transaction.set_rollback(True)
    assert not Message.objects.exists() and not Letter.objects.exists()


def test_a_thousand_letters_cost_as_many_queries_as_one(person, django_assert_num_queries):
    facility = a_facility()
    for number in (1, 1000):
        news = [
            outbox.News("test", f"{number}.{n}", [person], context={"day": NOW}, facility=facility)
            for n in range(number)
        ]
        with django_assert_num_queries(5):  # the savepoint and its end, preferences, messages, letters
            outbox.post_all(news, at=NOW)


def test_the_relay_is_started_once_when_the_deed_is_kept(person, monkeypatch, django_capture_on_commit_callbacks):
    started = []
    monkeypatch.setattr("registry.outbox.tasks.relay.apply_async", lambda **options: started.append(options))
    with django_capture_on_commit_callbacks(execute=True):
        post("one", to=person)
        post("two", to=person)
    assert started == [{"retry": False}]


def test_without_a_broker_the_deed_is_kept_all_the_same(person, monkeypatch, django_capture_on_commit_callbacks):
    from kombu.exceptions import OperationalError

    def broken(**_options):
        raise OperationalError("no broker")

    monkeypatch.setattr("registry.outbox.tasks.relay.apply_async", broken)
    with django_capture_on_commit_callbacks(execute=True):
        post(to=person)
    assert Letter.objects.get().state == LetterState.WAITING


class Refusing:
    """A channel that refuses some addresses."""

    refused: set[str] = set()
    seen: list[tuple[str, UUID]] = []

    def send(self, *, address, subject, text, reference):
        self.seen.append((address, reference))
        if address in self.refused:
            raise ConnectionError("no answer")


@pytest.fixture
def channel(settings):
    settings.LETTER_CHANNELS = {"email": f"{__name__}.Refusing"}
    Refusing.refused, Refusing.seen = set(), []
    return Refusing


def test_a_failed_letter_is_tried_again_later_and_later_then_given_up_and_told(channel, person):
    administrator = a_user(Role.ADMINISTRATOR)
    channel.refused = {"sok@example.org"}
    post(to=person)
    at, waits = NOW, []
    while (letter := Letter.objects.get(kind="test")).state == LetterState.WAITING:
        waits.append(letter.next_try_at - at)
        at = letter.next_try_at
        send(at - timedelta(seconds=1))
        assert Letter.objects.get(kind="test").attempts == letter.attempts
        send(at)
    assert letter.state == LetterState.GIVEN_UP
    assert letter.attempts == len(rules.DELAYS) + 1
    assert waits[1:] == sorted(waits[1:]) and waits[-1] > timedelta(hours=19)
    assert len({reference for _address, reference in channel.seen}) == 1
    assert "no answer" in letter.failure
    assert Message.objects.get(person=administrator).kind == "letter.given_up"


def test_many_given_up_are_told_once_a_day(channel):
    administrator = a_user(Role.ADMINISTRATOR)
    channel.refused = {"a@example.org", "b@example.org"}
    post("a", email="a@example.org")
    post("b", email="b@example.org")
    Letter.objects.update(attempts=len(rules.DELAYS))
    send()
    assert Letter.objects.filter(state=LetterState.GIVEN_UP).count() == 2
    assert Message.objects.filter(person=administrator).count() == 1


def test_an_address_is_told_of_a_facility_in_order_and_others_do_not_wait_for_it(channel):
    channel.refused = {"clinic@example.org"}
    facility = post("one", email="clinic@example.org")
    post("two", email="clinic@example.org", facility=facility)
    post("three", email="clinic@example.org")
    post("four", email="other@example.org", facility=facility)
    send()
    first, second, third, fourth = Letter.objects.order_by("pk")
    assert [letter.attempts for letter in (first, second, third, fourth)] == [1, 0, 1, 1]
    channel.refused = set()
    channel.seen.clear()
    send(NOW + timedelta(hours=1))
    assert [reference for _address, reference in channel.seen if reference != third.uuid] == [first.uuid, second.uuid]


def test_a_letter_given_up_can_be_sent_again_by_an_administrator(channel, person):
    administrator = a_user(Role.ADMINISTRATOR)
    post(to=person)
    letter = Letter.objects.get()
    with pytest.raises(Refused):
        outbox.send_again(letter=letter, by=administrator, at=NOW)
    Letter.objects.update(state=LetterState.GIVEN_UP, attempts=8)
    with pytest.raises(NotPermitted):
        outbox.send_again(letter=letter, by=person, at=NOW)
    outbox.send_again(letter=letter, by=administrator, at=NOW)
    send()
    assert Letter.objects.get().state == LetterState.SENT


def test_reading_counts_the_first_time_and_only_for_the_reader(person):
    post(to=[person, a_user()])
    message = Message.objects.get(person=person)
    for hour in (1, 2):
        outbox.read(message=message, by=person, at=NOW + timedelta(hours=hour))
    assert Message.objects.get(person=person).read_at == NOW + timedelta(hours=1)
    with pytest.raises(Message.DoesNotExist):
        outbox.read(message=Message.objects.exclude(person=person).get(), by=person, at=NOW)
    assert outbox.read_all(by=person, at=NOW) == 0
    assert Message.objects.unread().count() == 1


@pytest.mark.parametrize(
    ("model", "changes"),
    [
        (Letter, {"state": LetterState.SENT}),
        (Letter, {"sent_at": NOW}),
        (Letter, {"channel": "pigeon"}),
        (Letter, {"address": ""}),
        (Message, {"link": "//evil.example"}),
        (Message, {"link": "https://evil.example"}),
    ],
)
def test_the_database_refuses_what_makes_no_sense(person, model, changes):
    post(to=person)
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.update(**changes)


def test_preferences_open_ways_that_have_a_gateway_only(person, settings):
    outbox.prefer(language="en", by_email=False, phone="012 345 678", telegram_chat="77", by=person)
    post("closed", to=person)
    assert not Letter.objects.exists()
    settings.LETTER_CHANNELS = dict.fromkeys(Channel.values, "unused")
    post("open", to=person)
    assert {*Letter.objects.values_list("channel", flat=True)} == {Channel.SMS, Channel.TELEGRAM}
    assert Preference.objects.count() == 1
