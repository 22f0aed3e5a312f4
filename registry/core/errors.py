"""The two ways in which the register says no."""

from collections.abc import Callable
from typing import Any


class Refusal(Exception):
    """A write that was not carried out: `sentence` for people, `code` for machines."""

    def __init__(self, sentence: str, *, code: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.code = code


class NotPermitted(Refusal):
    """This person may not do this (HTTP 403)."""


class Refused(Refusal):
    """Nobody may do this now: the law or the present state forbids it (HTTP 409)."""


def passes(check: Callable[..., None], *arguments: Any, **named: Any) -> bool:
    """Whether `check` lets this through: buttons are shown by the same functions that guard the action."""
    try:
        check(*arguments, **named)
    except Refusal:
        return False
    return True
