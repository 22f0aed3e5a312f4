from datetime import date
from decimal import Decimal

import pytest
from django import forms
from django.http import QueryDict
from django.utils import translation

from registry.ui.forms import CodeField, DayField, FilterForm, PageForm
from registry.ui.templatetags.ui import form_errors


class Example(PageForm):
    name = forms.CharField(label="Name", help_text="As on paper")
    number = CodeField(label="Number", required=False)
    beds = forms.IntegerField(label="Beds", min_value=0)
    score = forms.DecimalField(label="Score", required=False)
    opened_on = DayField(label="Opened on", required=False)
    kind = forms.ChoiceField(label="Kind", choices=[("a", "A"), ("b", "B")], widget=forms.RadioSelect)
    agreed = forms.BooleanField(label="Agreed")


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


def test_khmer_digits_are_understood_in_numbers_days_and_codes_and_kept_in_names():
    sent = QueryDict(mutable=True)
    sent.update(
        {
            "name": "មន្ទីរ ៥",
            "number": " ០៤១២-៧ ",
            "beds": "៥០",
            "score": "៧.៥",
            "opened_on": "៣១/១២/២០២៥",
            "kind": "a",
            "agreed": "on",
        }
    )
    form = Example(sent)
    assert form.is_valid(), form.errors
    assert form.cleaned_data == {
        "name": "មន្ទីរ ៥",
        "number": "0412-7",
        "beds": 50,
        "score": Decimal("7.5"),
        "opened_on": date(2025, 12, 31),
        "kind": "a",
        "agreed": True,
    }
    assert sent["beds"] == "៥០", "what was sent stays as it was sent"


def test_a_prefix_does_not_hide_a_number_from_the_digits():
    assert Example({"first-beds": "៥"}, prefix="first")["beds"].value() == "5"


def test_a_number_is_typed_into_a_text_input_because_browsers_drop_khmer_digits_from_number_inputs():
    html = str(Example()["beds"])
    assert 'type="text"' in html
    assert 'inputmode="numeric"' in html
    assert 'class="govuk-input govuk-input--width-10"' in html


def test_a_field_shows_its_label_hint_and_error_tied_together():
    html = Example({})["name"].as_field_group()
    assert 'class="govuk-form-group govuk-form-group--error"' in html
    assert '<label class="govuk-label" for="id_name">' in html
    assert 'id="id_name_helptext"' in html
    assert 'id="id_name_error"' in html
    assert 'aria-describedby="id_name_helptext id_name_error"' in html
    assert 'class="govuk-input govuk-input--error"' in html


def test_a_group_of_choices_is_a_fieldset_described_by_its_error():
    html = Example({})["kind"].as_field_group()
    assert '<fieldset class="govuk-fieldset" aria-describedby="id_kind_error">' in html
    assert html.count('class="govuk-radios__input"') == 2
    assert html.count("aria-invalid") == 0


def test_the_error_summary_leads_to_each_field_in_order_and_names_it():
    assert [(error["id"], str(error["text"])) for error in form_errors(Example({}))] == [
        ("id_name", "“Name” is empty. Fill it in."),
        ("id_beds", "“Beds” is empty. Fill it in."),
        ("id_kind_0", "Choose an answer for “Kind”."),
        ("id_agreed", "Tick “Agreed” to go on."),
    ]


def test_a_day_that_does_not_exist_is_refused_with_a_sentence_and_shown_as_it_was_typed():
    form = Example({"opened_on": "31/02/2025"})
    assert form.errors["opened_on"] == ["“31/02/2025” is not a day of the calendar."]
    assert 'value="31/02/2025"' in str(form["opened_on"])


def test_a_day_is_shown_day_first():
    assert 'value="05/03/2025"' in str(Example(initial={"opened_on": date(2025, 3, 5)})["opened_on"])


def test_optional_fields_say_so_but_not_in_a_filter():
    class Filter(FilterForm):
        number = CodeField(label="Number", required=False)

    assert "(optional)" in Example()["number"].as_field_group()
    assert "(optional)" not in Filter()["number"].as_field_group()
