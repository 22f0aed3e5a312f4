"""Relays at once, relays that are killed, and the gateways they hand letters to."""

import json
import os
import signal
import subprocess
import sys
import textwrap
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from uuid import uuid4

import pytest
from django.conf import settings as django_settings
from django.core import mail
from django.db import connection
from django.utils import timezone

from registry.core import channels
from registry.outbox import actions as outbox
from registry.outbox.models import Letter
from registry.outbox.states import LetterState
from tests.factories import NOW, a_facility

SEND = """
    import django, sys, time
    from portal import settings
    settings.DATABASES["default"]["NAME"] = {name!r}
    settings.LETTER_CHANNELS = {{"email": "{module}.Hanging"}}
    django.setup()
    from django.utils import timezone
    from registry.outbox import actions
    class Hanging:
        def send(self, *, reference, **letter):
            print(reference, flush=True)
            time.sleep(60)
    sys.modules["{module}"] = sys.modules["__main__"]
    actions.send_next(at=timezone.now())
"""


class Remembering:
    """A channel that takes its time and remembers what it was given."""

    sent: list[tuple[str, str]] = []

    def send(self, *, address, subject, text, reference):
        threading.Event().wait(0.005)
        self.sent.append((address, subject))


@pytest.fixture
def remembering(settings):
    settings.LETTER_CHANNELS = {"email": f"{__name__}.Remembering"}
    Remembering.sent = []
    return Remembering.sent


def letters(number: int, facilities: int) -> None:
    places = [a_facility() for _place in range(facilities)]
    Letter.objects.bulk_create(
        Letter(
            key=f"deed {n}",
            kind="test",
            channel="email",
            address=f"{n % facilities}@example.org",
            facility_number=places[n % facilities].number,
            subject=f"{n // facilities}",
            text="text",
            posted_at=NOW,
            next_try_at=NOW,
        )
        for n in range(number)
    )


def relay() -> int:
    sent = 0
    try:
        # What another holds is skipped, and what waits behind it as well: nothing due now is not yet nothing waiting.
        while Letter.objects.filter(state=LetterState.WAITING).exists():
            sent += outbox.send_next(at=timezone.now()) is not None
    finally:
        connection.close()
    return sent


@pytest.mark.django_db(transaction=True)
def test_relays_at_once_send_each_letter_once_and_keep_the_order_of_each_facility(remembering):
    letters(60, facilities=6)
    with ThreadPoolExecutor(4) as pool:
        shares = [work.result() for work in [pool.submit(relay) for _relay in range(4)]]
    assert sum(shares) == len(remembering) == 60
    assert sum(share > 0 for share in shares) > 1
    assert {*Counter(remembering).values()} == {1}
    for place in range(6):
        told = [int(subject) for address, subject in remembering if address == f"{place}@example.org"]
        assert told == sorted(told)


@pytest.mark.django_db(transaction=True)
def test_a_relay_killed_half_way_leaves_its_letter_to_the_next_with_the_same_message_id():
    letters(1, facilities=1)
    script = textwrap.dedent(SEND).format(name=connection.settings_dict["NAME"], module="hanging_channel")
    process = subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=django_settings.BASE_DIR,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "portal.settings"},
        stdout=subprocess.PIPE,
        text=True,
    )
    handed_over = process.stdout.readline().strip()
    assert outbox.send_next(at=timezone.now()) is None  # the other holds it
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    while outbox.send_next(at=timezone.now()) is None:
        pass
    letter = Letter.objects.get()
    assert (letter.state, letter.attempts, str(letter.uuid)) == (LetterState.SENT, 1, handed_over)
    assert handed_over in mail.outbox[0].extra_headers["Message-ID"]


class Gateway(BaseHTTPRequestHandler):
    asked: list[tuple[str, str | None, dict]] = []
    status = 200

    def do_POST(self):
        content = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.asked.append((self.path, self.headers.get("Authorization"), content))
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, *_arguments):
        pass


@pytest.fixture
def gateway(settings):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Gateway)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    Gateway.asked, Gateway.status = [], 200
    settings.SMS_GATEWAY_URL = settings.TELEGRAM_GATEWAY_URL = f"http://127.0.0.1:{server.server_port}"
    settings.SMS_GATEWAY_TOKEN, settings.TELEGRAM_BOT_TOKEN = "secret", "77:key"
    yield Gateway
    server.shutdown()
    thread.join()
    server.server_close()


def test_an_sms_is_handed_to_the_gateway_with_its_reference(gateway):
    reference = uuid4()
    channels.Sms().send(address="012 345 678", subject="To renew", text="អាជ្ញាបណ្ណ", reference=reference)
    content = {"to": "+85512345678", "text": "To renew\nអាជ្ញាបណ្ណ", "reference": str(reference)}
    assert gateway.asked == [("/", "Bearer secret", content)]


def test_telegram_is_told_by_the_bot(gateway):
    channels.Telegram().send(address="4711", subject="To renew", text="Text", reference=uuid4())
    assert gateway.asked == [("/bot77:key/sendMessage", None, {"chat_id": "4711", "text": "To renew\n\nText"})]


@pytest.mark.parametrize("status", [400, 401, 500, 503])
def test_what_a_gateway_refuses_is_a_failure_without_its_secrets(gateway, status):
    gateway.status = status
    for channel in (channels.Sms, channels.Telegram):
        with pytest.raises(OSError, match=str(status)) as failure:
            channel().send(address="012345678", subject="a", text="b", reference=uuid4())
        assert "secret" not in str(failure.value) and "77:key" not in str(failure.value)


def test_a_gateway_that_is_no_web_address_is_refused(settings):
    settings.SMS_GATEWAY_URL, settings.SMS_GATEWAY_TOKEN = "file:///etc/passwd", ""
    with pytest.raises(ValueError, match="https"):
        channels.Sms().send(address="012345678", subject="a", text="b", reference=uuid4())


@pytest.mark.parametrize(
    ("written", "dialled"),
    [("012 345 678", "+85512345678"), ("+855 12-345", "+85512345"), ("00112", "00112"), ("", "")],
)
def test_numbers_are_dialled_as_from_abroad(written, dialled):
    assert channels.international(written) == dialled
