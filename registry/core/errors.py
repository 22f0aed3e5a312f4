"""The two ways in which the register says no."""


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
