"""What letters say, and when a failed one is tried again."""

import random
import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any

from django.apps import apps
from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.module_loading import module_has_submodule
from django.utils.translation import get_language, override

DELAYS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 720, 1440))
"""Between one attempt and the next. After the last of them a letter is given up: about a day and a half later."""

JITTER = 0.2
"""So much of a delay is left to chance, so that what failed together is not tried again together."""

PLACEHOLDER = re.compile(r"%\(\w+\)s")


@cache
def wordings() -> dict[str, tuple[Promise, Promise]]:
    """Subject and text of every kind of letter, gathered from `LETTERS` in the states of each room and floor."""
    return {kind: words for module in _states() for kind, words in getattr(module, "LETTERS", {}).items()}


@cache
def in_confidence() -> list[str]:
    """Kinds of letters to people outside who are not to be known: `LETTERS_IN_CONFIDENCE` of each room and floor."""
    return [kind for module in _states() for kind in getattr(module, "LETTERS_IN_CONFIDENCE", ())]


def _states() -> list[ModuleType]:
    return [
        import_module(f"{config.name}.states")
        for config in apps.get_app_configs()
        if module_has_submodule(config.module, "states")
    ]


def words(kind: str, context: Mapping[str, Any]) -> tuple[str, str]:
    """Subject and text of a letter in the language in use, from a context that `kept` made."""
    subject, text = _wording(kind)
    language = (get_language() or settings.LANGUAGE_CODE)[:2]
    facts = {name: value[language] if isinstance(value, dict) else value for name, value in context.items()}
    return str(subject) % facts, str(text) % facts


def _wording(kind: str) -> tuple[Promise | str, Promise | str]:
    """Of a kind that is no longer declared, old letters keep the code."""
    return wordings().get(kind, (kind, ""))


def title(kind: str) -> str:
    """What letters of a kind are about, without what differs from letter to letter."""
    return PLACEHOLDER.sub("…", str(_wording(kind)[0]))


def titles() -> list[tuple[str, str]]:
    return [(kind, title(kind)) for kind in wordings()]


def kept(context: Mapping[str, Any]) -> dict[str, Any]:
    """A context as it is stored: what reads otherwise in another language (a day, a name, a label) in each of them."""
    return {name: value if isinstance(value, str | int) else in_each(value) for name, value in context.items()}


def in_each(value: Any) -> dict[str, str]:
    found = {}
    for language, _name in settings.LANGUAGES:
        with override(language):
            found[language] = _said(value)
    return found


def _said(value: Any) -> str:
    if isinstance(value, datetime):
        return date_format(timezone.localtime(value), "DATETIME_FORMAT")
    return date_format(value, "DATE_FORMAT") if isinstance(value, date) else str(value)


def delay_after(attempts: int) -> timedelta | None:
    """How long a letter waits that has failed so often; None when it is given up."""
    if attempts > len(DELAYS):
        return None
    return DELAYS[attempts - 1] * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311
