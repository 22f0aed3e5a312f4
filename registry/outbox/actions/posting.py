"""The way out for news: written in the transaction of the deed it tells of, sent after it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import override

from registry.accounts.models import User
from registry.outbox import events, rules
from registry.outbox.models import Letter, Message, Preference
from registry.outbox.states import Channel

ROWS = 1000


@dataclass(frozen=True)
class News:
    """One thing to tell: to people of the register, and to addresses outside it (in all languages, for nobody knows
    who reads there)."""

    kind: str
    key: str
    to: Iterable[User] = ()
    email: str = ""
    phone: str = ""
    context: Mapping[str, Any] = field(default_factory=dict)
    link: str = ""
    facility: Any = None


def post(
    *,
    kind: str,
    key: str,
    at: datetime,
    to: User | Iterable[User] | None = None,
    email: str = "",
    phone: str = "",
    context: Mapping[str, Any] | None = None,
    link: str = "",
    facility: Any = None,
) -> None:
    """Tell people, in their inbox and by each channel they want, and addresses outside.

    `kind` is declared in `LETTERS` of a `states.py`; `context` fills its placeholders (days, names and labels are kept
    in each language; `facility` is in it by itself). Nobody is told twice under one `key`: name the deed in it.
    `link` is the address of a page ("/visits/…"). Asks no permission and never refuses: it is part of another's deed.
    """
    people = () if to is None else (to,) if isinstance(to, User) else to
    post_all([News(kind, key, people, email, phone, context or {}, link, facility)], at=at)


@transaction.atomic
def post_all(news: Iterable[News], *, at: datetime) -> None:
    """As `post`, for many at once: the same few queries for a thousand."""
    news = list(news)
    if unknown := {item.kind for item in news} - rules.wordings().keys():
        raise ValueError(f"No LETTERS say anything of {', '.join(sorted(unknown))}.")
    told = [(item, [person for person in item.to if person.is_active]) for item in news]
    preferences = Preference.objects.in_bulk({person.pk for _item, people in told for person in people})
    messages: list[Message] = []
    letters: list[Letter] = []
    for item, people in told:
        number = item.facility.number if item.facility is not None else ""
        about = {"facility": item.facility} if item.facility is not None else {}
        context = rules.kept({**about, **item.context})
        common = {"key": item.key, "kind": item.kind, "facility_number": number, "posted_at": at}
        for person in people:
            messages.append(Message(person=person, context=context, link=item.link, **common))
            preference = preferences.get(person.pk) or Preference(person=person)
            text = _written(item, context, [preference.language])
            letters += [
                Letter(person=person, channel=channel, address=address, next_try_at=at, **text, **common)
                for channel, address in _ways_to(person, preference)
            ]
        text = _written(item, context, [language for language, _name in settings.LANGUAGES])
        letters += [
            Letter(channel=channel, address=address, next_try_at=at, **text, **common)
            for channel, address in ((Channel.EMAIL, item.email), (Channel.SMS, item.phone))
            if address and channel in settings.LETTER_CHANNELS
        ]
    Message.objects.bulk_create(messages, ROWS, ignore_conflicts=True)
    if letters:
        Letter.objects.bulk_create(letters, ROWS, ignore_conflicts=True)
        _tell_the_relay()


def _ways_to(person: User, preference: Preference) -> Iterator[tuple[Channel, str]]:
    ways = (
        (Channel.EMAIL, person.email if preference.by_email else ""),
        (Channel.SMS, preference.phone),
        (Channel.TELEGRAM, preference.telegram_chat),
    )
    return ((channel, address) for channel, address in ways if address and channel in settings.LETTER_CHANNELS)


def _written(item: News, context: Mapping[str, Any], languages: list[str]) -> dict[str, str]:
    """Subject and text as they leave the house, in each of the languages, with the whole address of the page."""
    subjects, texts = [], []
    for language in languages:
        with override(language):
            subject, text = rules.words(item.kind, context)
        subjects.append(subject)
        texts.append(text)
    if item.link and settings.PUBLIC_URL:
        texts.append(f"{settings.PUBLIC_URL}{item.link}")
    return {"subject": " / ".join(subjects)[:300], "text": "\n\n".join(texts)}


def _tell_the_relay() -> None:
    """Once per transaction, when it is kept."""
    if not any(call[1] is _posted for call in connection.run_on_commit):
        transaction.on_commit(_posted, robust=True)


def _posted() -> None:
    events.posted.send(sender=Letter)
