"""Calendar days as people here write them: the day first, in Khmer or in ASCII digits."""

import re
from datetime import date

from dateutil.relativedelta import relativedelta
from django.utils.translation import gettext as _

from registry.core.khmer import ascii_digits, khmer_digits, search_key

TODAY_IN_SQL = "(CURRENT_TIMESTAMP AT TIME ZONE 'Asia/Phnom_Penh')::date"
"""The day in Cambodia; CURRENT_DATE would be that of the connection, which speaks UTC."""

KHMER_MONTHS = (
    "មករា",
    "កុម្ភៈ",
    "មីនា",
    "មេសា",
    "ឧសភា",
    "មិថុនា",
    "កក្កដា",
    "សីហា",
    "កញ្ញា",
    "តុលា",
    "វិច្ឆិកា",
    "ធ្នូ",
)
ENGLISH_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)

_MONTH_NUMBERS = (
    {search_key(name): number for number, name in enumerate(KHMER_MONTHS, 1)}
    | {name.lower(): number for number, name in enumerate(ENGLISH_MONTHS, 1)}
    | {name.lower()[:3]: number for number, name in enumerate(ENGLISH_MONTHS, 1)}
    | {search_key(name): number for name, number in {"មិនា": 3, "កុម្ភះ": 2, "កុម្ភ": 2, "sept": 9}.items()}
)
_DAY_FIRST = re.compile(r"([0-9]{1,2}) ?([-/.]) ?([0-9]{1,2}) ?\2 ?([0-9]+)")
_YEAR_FIRST = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
_NAMED = re.compile(r"(?:ថ្ងៃ)?(?:ទី)? ?([0-9]{1,2}) ?(?:ខែ)? ?([^0-9]+?) ?(?:ឆ្នាំ)? ?([0-9]+)")
_FIRST_YEAR, _LAST_YEAR = 1900, 2199


def parse_day(text: str) -> date:
    """The day written in the text: 8/3/2023, ០៨-០៣-២០២៣, ៨ មីនា ២០២៣, 8 March 2023 or 2023-03-08.

    Raises ValueError with a sentence for people where the text is no such day.
    """
    written = " ".join(ascii_digits(text).replace("\u200b", "").split())
    if match := _YEAR_FIRST.fullmatch(written):
        year, month, day = match.groups()
    elif match := _DAY_FIRST.fullmatch(written):
        day, month, year = match[1], match[3], match[4]
    elif (match := _NAMED.fullmatch(written)) and (number := _MONTH_NUMBERS.get(search_key(match[2]))):
        day, month, year = match[1], str(number), match[3]
    else:
        raise ValueError(
            _("“%(text)s” is not a date. Write the day, the month and the year, like 8/3/2023.") % {"text": text}
        )
    if len(year) != 4:
        raise ValueError(_("Write the year of “%(text)s” with four digits.") % {"text": text})
    if not _FIRST_YEAR <= int(year) <= _LAST_YEAR:
        raise ValueError(
            _("The year of “%(text)s” must be between %(first)s and %(last)s.")
            % {"text": text, "first": _FIRST_YEAR, "last": _LAST_YEAR}
        )
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        raise ValueError(_("“%(text)s” is not a day of the calendar.") % {"text": text}) from None


def format_date(day: date, language: str) -> str:
    """The day for people, the day first: ៨ មីនា ២០២៣ in Khmer ("km"), 8 March 2023 otherwise."""
    if language == "km":
        return khmer_digits(f"{day.day} {KHMER_MONTHS[day.month - 1]} {day.year}")
    return f"{day.day} {ENGLISH_MONTHS[day.month - 1]} {day.year}"


def add_months(day: date, months: int) -> date:
    """The same day that many months later, or the last day of a month that is shorter."""
    return day + relativedelta(months=months)
