"""The doors through which letters leave: each class takes an address and hands over, or raises.

Which of them are open is said by `settings.LETTER_CHANNELS`. `reference` names the letter for ever: a second copy
carries the same one, so that whoever receives it can tell.
"""

import json
from collections.abc import Mapping
from email.utils import parseaddr
from typing import Any
from urllib.request import Request, urlopen
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage

SECONDS = 10
"""So long a gateway may keep the relay waiting."""


class Email:
    def send(self, *, address: str, subject: str, text: str, reference: UUID) -> None:
        domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
        headers = {"Message-ID": f"<{reference}@{domain}>", "Auto-Submitted": "auto-generated"}
        EmailMessage(" ".join(subject.split()), text, to=[address], headers=headers).send()


class Sms:
    """A gateway that takes JSON with `to`, `text` and `reference`, as most do directly or behind a small adapter."""

    def send(self, *, address: str, subject: str, text: str, reference: UUID) -> None:
        content = {"to": international(address), "text": f"{subject}\n{text}", "reference": str(reference)}
        _post(settings.SMS_GATEWAY_URL, content, {"Authorization": f"Bearer {settings.SMS_GATEWAY_TOKEN}"})


class Telegram:
    """The bot interface of Telegram, or a gateway in front of it."""

    def send(self, *, address: str, subject: str, text: str, reference: UUID) -> None:
        content = {"chat_id": address, "text": f"{subject}\n\n{text}"}
        url = f"{settings.TELEGRAM_GATEWAY_URL}/bot{settings.TELEGRAM_BOT_TOKEN}/sendMessage"
        _post(url, content, {})


def international(phone: str) -> str:
    """A Cambodian number as the world dials it: 012 345 678 → +85512345678; others are left as they are."""
    digits = "".join(character for character in phone if character in "+0123456789")
    return f"+855{digits[1:]}" if digits.startswith("0") and not digits.startswith("00") else digits


def _post(url: str, content: Mapping[str, Any], headers: Mapping[str, str]) -> None:
    if not url.startswith(("https://", "http://")):
        raise ValueError("The address of a gateway begins with https:// or http://.")
    request = Request(  # noqa: S310 checked above
        url, json.dumps(content).encode(), {"Content-Type": "application/json", **headers}, method="POST"
    )
    with urlopen(request, timeout=SECONDS) as answer:  # noqa: S310
        answer.read()
