"""Single cells as a checklist keeps them; each takes the list of faults and adds to it."""

import re
from collections.abc import Collection
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from inspections.actions.xlsforms.faults import Fault
from inspections.actions.xlsforms.sheets import Line
from inspections.actions.xlsforms.words import FALSE, TRUE
from inspections.models import ChecklistItem, ChecklistSection
from inspections.policies import Known
from inspections.states import Severity
from registry.core.khmer import ascii_digits

_WEIGHT = re.compile(r"[0-9]{1,4}(?:\.[0-9]{1,3})?")
_CODES = {
    ChecklistSection: re.compile(r"(?!new\Z)[A-Za-z0-9_-]+"),
    ChecklistItem: re.compile(r"(?!new\Z)[A-Za-z0-9_.-]+"),
}
"""Codes stand in addresses."""
_BETWEEN = re.compile(r"[\s,;]+")


def yes_or_no(line: Line, column: str, faults: list[Fault], *, otherwise: bool = False) -> bool:
    written = line.text(column).lower()
    if not written:
        return otherwise
    if written not in TRUE | FALSE:
        faults.append(line.fault(column, _("“%(text)s” is neither yes nor no.") % {"text": _short(written)}))
    return written in TRUE


def weight(line: Line, faults: list[Fault]) -> Decimal:
    written = ascii_digits(line.text("weight")) or "1"
    if not _WEIGHT.fullmatch(written):
        sentence = _("A weight is a number from 0 to 9999.999; “%(text)s” is none.")
        faults.append(line.fault("weight", sentence % {"text": _short(written)}))
        return Decimal(1)
    return Decimal(written)


def severity(line: Line, faults: list[Fault]) -> int:
    written = ascii_digits(line.text("severity")) or str(Severity.POTENTIAL.value)
    if written not in {str(value) for value in Severity.values}:
        sentence = _("A severity is a number from 1 to 4; “%(text)s” is none.")
        faults.append(line.fault("severity", sentence % {"text": _short(written)}))
        return Severity.POTENTIAL.value
    return int(written)


def applies_when(line: Line, known: Known, faults: list[Fault]) -> dict[str, list[str]]:
    found = {}
    for name, there in (("types", known.types), ("levels", known.levels), ("services", known.services)):
        if codes := [code for code in _BETWEEN.split(line.text(f"applies_{name}")) if code]:
            found[name] = codes
        for code in _missing(codes, there):
            sentence = _("“%(code)s” is not in the catalogue.") % {"code": _short(code)}
            faults.append(line.fault(f"applies_{name}", sentence))
    return found


def code(line: Line, model: type[ChecklistSection | ChecklistItem], faults: list[Fault]) -> str:
    """The code in its own column, else the name of the row."""
    column = "code" if line.text("code") else "name"
    written = line.text(column)
    most = model._meta.get_field("code").max_length
    if most and len(written) > most:
        sentence = _("The code is longer than %(most)s characters. Write a shorter one into the column “code”.")
        faults.append(line.fault(column, sentence % {"most": most}))
    elif written and not _CODES[model].fullmatch(written):
        sentence = _("“%(code)s” is no code: Latin letters, digits, - and _ only. Write one into the column “code”.")
        faults.append(line.fault(column, sentence % {"code": _short(written)}))
    return written


def text(line: Line, column: str, model: Any, name: str, faults: list[Fault]) -> str:
    """A text that fits into the field `name` of the model."""
    written = line.text(column)
    most = model._meta.get_field(name).max_length
    if most and len(written) > most:
        faults.append(line.fault(column, _("The text is longer than %(most)s characters.") % {"most": most}))
    if "${" in line.raw(column):
        faults.append(line.fault(column, _("The text shows an answer to another question; a checklist cannot.")))
    return written


def _missing(codes: Collection[str], there: Collection[str]) -> list[str]:
    return [code for code in codes if code not in there]


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:60]}…"
