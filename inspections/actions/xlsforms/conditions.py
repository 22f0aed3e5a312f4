"""The conditions that a checklist can hold, as XLSForms write them: one question equals this or that, and so on.

`${a} = 'yes' and (${b} = '1' or ${b} = '2')`; `selected(${a}, 'yes')` is the same as an equality.
"""

import re
from collections.abc import Mapping, Sequence

from inspections.actions.xlsforms.escapes import escaped, unescaped

LONGEST, DEEPEST = 4_000, 20
_TOKEN = re.compile(
    r"""\s*(?:\$\{(?P<name>[^}]*)\}|(?P<text>'[^']*'|"[^"]*")|(?P<number>[0-9]+(?:\.[0-9]+)?)"""
    r"""|(?P<word>and|or|selected)\b|(?P<sign>[()=,]))\s*"""
)

Condition = tuple[str, list[str]]
"""The name of a question and the answers, one of which must be given."""


def parsed(text: str) -> list[Condition]:
    """The conditions, all of which must hold. Raises ValueError where the expression says anything else."""
    tokens, position = [], 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None or len(text) > LONGEST:
            raise ValueError(text)
        tokens.append((str(match.lastgroup), match[str(match.lastgroup)].strip()))
        position = match.end()
    parser = _Parser(tokens)
    conditions = parser.either(0)
    if parser.tokens:
        raise ValueError(text)
    return conditions


def written(conditions: Sequence[Mapping[str, object]], names: Mapping[str, str]) -> str:
    """The expression of an item's `asked_if`; `names` gives the name of each item. Raises ValueError where none can."""
    return " and ".join(_one_of(names[str(condition["item"])], condition["is"]) for condition in conditions)


def _one_of(name: str, answers: object) -> str:
    if not isinstance(answers, list) or not answers:
        raise ValueError(name)
    alternatives = [f"${{{name}}} = {_literal(escaped(answer))}" for answer in answers]
    return alternatives[0] if len(alternatives) == 1 else f"({' or '.join(alternatives)})"


def _literal(text: str) -> str:
    quote = '"' if "'" in text else "'"
    if quote in text:
        raise ValueError(text)
    return f"{quote}{text}{quote}"


class _Parser:
    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self.tokens = tokens[::-1]

    def either(self, depth: int) -> list[Condition]:
        """Alternatives joined by `or`: more than one only where they are about the same question."""
        found = [self.all_of(depth)]
        while self.next_is("word", "or"):
            self.tokens.pop()
            found.append(self.all_of(depth))
        if len(found) == 1:
            return found[0]
        names = {name for conditions in found for name, _answers in conditions}
        if len(names) > 1 or any(len(conditions) > 1 for conditions in found):
            raise ValueError("or")
        answers = [answer for [(_name, answers)] in found for answer in answers]
        return [(names.pop(), list(dict.fromkeys(answers)))]

    def all_of(self, depth: int) -> list[Condition]:
        found = self.single(depth)
        while self.next_is("word", "and"):
            self.tokens.pop()
            found += self.single(depth)
        return found

    def single(self, depth: int) -> list[Condition]:
        if self.next_is("sign", "("):
            if depth > DEEPEST:
                raise ValueError("(")
            self.take("sign", "(")
            found = self.either(depth + 1)
            self.take("sign", ")")
            return found
        if self.next_is("word", "selected"):
            self.take("word", "selected")
            self.take("sign", "(")
            name = self.take("name")
            self.take("sign", ",")
            answer = self.answer()
            self.take("sign", ")")
        elif self.next_is("name"):
            name = self.take("name")
            self.take("sign", "=")
            answer = self.answer()
        else:
            answer = self.answer()
            self.take("sign", "=")
            name = self.take("name")
        return [(name, [answer])]

    def answer(self) -> str:
        if self.next_is("number"):
            return self.take("number")
        return unescaped(self.take("text")[1:-1])

    def next_is(self, kind: str, text: str = "") -> bool:
        return bool(self.tokens) and self.tokens[-1][0] == kind and text in ("", self.tokens[-1][1])

    def take(self, kind: str, text: str = "") -> str:
        if not self.next_is(kind, text):
            raise ValueError(kind)
        return self.tokens.pop()[1]
