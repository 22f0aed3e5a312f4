"""Days written the Cambodian way, read and shown."""

from contextlib import suppress
from datetime import date

import pytest
from django import forms
from django.utils import formats, translation
from hypothesis import given
from hypothesis import strategies as st

from registry.core.dates import add_months, format_date, parse_day

days = st.dates(date(1900, 1, 1), date(2199, 12, 31))


@pytest.mark.parametrize(
    "text",
    [
        "8/3/2023",
        "08-03-2023",
        "08.03.2023",
        " 8 / 3 / 2023 ",
        "០៨/០៣/២០២៣",
        "៨-៣-២០២៣",
        "៨ មីនា ២០២៣",
        "៨ មិនា ២០២៣",
        "8 ខែ មីនា ឆ្នាំ 2023",
        "ថ្ងៃទី៨ ខែមីនា ឆ្នាំ២០២៣",
        "ថ្ងៃទី\u200b៨\u200bខែ\u200bមីនា\u200bឆ្នាំ\u200b២០២៣",
        "8 March 2023",
        "8 mar 2023",
        "8-Mar-2023",
        "2023-03-08",
        "២០២៣-០៣-០៨",
    ],
)
def test_a_day_is_read_day_first_in_either_digits(text):
    assert parse_day(text) == date(2023, 3, 8)


@given(days, st.sampled_from(["km", "en"]))
def test_a_day_that_was_shown_can_be_read_back(day, language):
    assert parse_day(format_date(day, language)) == day


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "is not a date"),
        ("yesterday", "is not a date"),
        ("8/3-2023", "is not a date"),
        ("8 Marsh 2023", "is not a date"),
        ("8/3/23", "four digits"),
        ("8/3/20233", "four digits"),
        ("8/3/2566", "between 1900 and 2199"),
        ("30/2/2023", "not a day of the calendar"),
        ("3/13/2023", "not a day of the calendar"),
        ("0/3/2023", "not a day of the calendar"),
    ],
)
def test_what_is_no_day_is_refused_with_a_sentence(text, sentence):
    with translation.override("en"), pytest.raises(ValueError, match=sentence):
        parse_day(text)


@given(st.text())
def test_any_text_is_a_day_or_refused(text):
    with suppress(ValueError):
        assert parse_day(text).year >= 1900


def test_days_are_shown_day_first():
    assert format_date(date(2023, 3, 8), "km") == "៨ មីនា ២០២៣"
    assert format_date(date(2023, 3, 8), "en") == "8 March 2023"


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2023, 1, 31), 1, date(2023, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2023, 11, 30), 3, date(2024, 2, 29)),
        (date(2024, 9, 1), 15, date(2025, 12, 1)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 3, 31), -1, date(2024, 2, 29)),
        (date(2024, 3, 31), 0, date(2024, 3, 31)),
    ],
)
def test_months_are_added_without_leaving_the_month(day, months, later):
    assert add_months(day, months) == later


@pytest.mark.parametrize("language", ["km", "en"])
def test_pages_read_and_show_the_day_first_and_a_point_in_decimals(language):
    with translation.override(language):
        assert forms.DateField().clean("08/03/2023") == date(2023, 3, 8)
        assert formats.date_format(date(2023, 3, 8), "SHORT_DATE_FORMAT") == "08/03/2023"
        assert formats.date_format(date(2023, 3, 8)).split()[0] == "8"
        assert formats.localize(1234.5) == "1234.5"
        assert formats.number_format(1234567, use_l10n=True, force_grouping=True) == "1,234,567"
