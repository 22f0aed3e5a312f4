"""What a cell, or a form, would change is written as workbooks write it: `_x000D_` for the character 0D."""

import re

from registry.ui.exports import NOT_IN_XML

_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
_TAKEN_FOR_ESCAPED = re.compile("_(?=x[0-9A-Fa-f]{4})")
_REFERENCE = re.compile(r"\$(?=\{)")
_OUTER_SPACE = re.compile(r"^\s|\s\Z")
_RETURN = re.compile("\r")


def escaped(text: str) -> str:
    """Text as it survives the cell: no space around it is lost, nothing in it refers to another question."""
    text = _TAKEN_FOR_ESCAPED.sub("_x005F_", text)
    for pattern in (_REFERENCE, NOT_IN_XML, _RETURN, _OUTER_SPACE):
        text = pattern.sub(lambda match: f"_x{ord(match[0]):04X}_", text)
    return text


def unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
