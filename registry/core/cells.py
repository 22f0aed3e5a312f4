"""Texts of cells as numbers, days and Khmer; each refusal is a sentence about the cell."""

import re
from datetime import date, datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from registry.core.dates import parse_day
from registry.core.khmer import ascii_digits, has_khmer, looks_like_limon
from registry.core.mappings import CellRefused, shortened

_WHOLE = re.compile(r"[0-9]{1,3}(?:[, ][0-9]{3})+|[0-9]{1,9}(?:\.0*)?")
_NUMBER = re.compile(r"[+-]?[0-9]{1,3}(?:[.,][0-9]*)?(?:[eE]-?[0-9]{1,2})?")
MICRODEGREE = Decimal("0.000001")


def whole_number(text: str, column: str) -> int:
    written = ascii_digits(text)
    if not _WHOLE.fullmatch(written):
        raise CellRefused(column, "not_a_number", _("“%(text)s” is not a whole number.") % {"text": shortened(text)})
    number = int(re.sub("[, ]", "", written).split(".")[0])
    if number > 2_147_483_647:
        raise CellRefused(column, "out_of_range", _("%(text)s is too large.") % {"text": shortened(text)})
    return number


def degrees(text: str, column: str, *, most: int) -> Decimal:
    """A latitude (`most` 90) or longitude (180), to six places; a decimal comma is understood."""
    written = ascii_digits(text).replace("−", "-")
    if not _NUMBER.fullmatch(written):
        raise CellRefused(
            column, "not_a_number", _("“%(text)s” is not a number of degrees.") % {"text": shortened(text)}
        )
    number = Decimal(written.replace(",", ".")).quantize(MICRODEGREE)
    if abs(number) > most:
        sentence = _("%(text)s is not between %(least)s and %(most)s degrees.")
        values = {"text": shortened(text), "least": -most, "most": most}
        raise CellRefused(column, "out_of_range", sentence % values)
    return number


def percentage(text: str, column: str) -> Decimal:
    """A number from 0 to 100; a decimal comma and a percent sign are understood."""
    written = ascii_digits(text).rstrip("% ")
    if not _NUMBER.fullmatch(written):
        raise CellRefused(column, "not_a_number", _("“%(text)s” is not a percentage.") % {"text": shortened(text)})
    number = Decimal(written.replace(",", "."))
    if not 0 <= number <= 100:
        sentence = _("%(text)s is not between 0 and 100.") % {"text": shortened(text)}
        raise CellRefused(column, "out_of_range", sentence)
    return number


def day(text: str, column: str, *, written_as: str = "") -> date:
    """A day in the format of the mapping (`%m/%d/%Y`), or as people here write days."""
    try:
        if written_as:
            return datetime.strptime(ascii_digits(text), written_as).date()  # noqa: DTZ007 - a day has no zone
        return parse_day(text.split("T", maxsplit=1)[0])
    except ValueError as error:
        sentence = (
            _("“%(text)s” is not a date like %(format)s.") % {"text": shortened(text), "format": written_as}
            if written_as
            else str(error)
        )
        raise CellRefused(column, "not_a_date", sentence) from error


def khmer_text(text: str, column: str) -> str:
    if has_khmer(text):
        return text
    if looks_like_limon(text):
        sentence = _("“%(text)s” is typed in the Limon font. Convert the column to Khmer Unicode.")
        raise CellRefused(column, "limon", sentence % {"text": shortened(text)})
    raise CellRefused(column, "not_khmer", _("“%(text)s” has no Khmer letter.") % {"text": shortened(text)})
