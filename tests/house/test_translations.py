"""Every sentence is there in Khmer, and a catalogue with a fault is noticed."""

from datetime import date
from io import StringIO

import pytest
from babel.messages.catalog import Message
from django import forms
from django.core.management import CommandError, call_command
from django.template import Context, Template
from django.utils import translation
from django.utils.formats import date_format

from portal.management import messages


@pytest.fixture(scope="module")
def khmer():
    return messages.collected("km")


def test_every_sentence_has_its_khmer():
    assert list(messages.complaints("km")) == []


def test_the_catalogue_is_as_the_command_writes_it(khmer):
    assert messages.path_of("km").read_bytes() == messages.written(khmer)


@pytest.mark.parametrize(
    ("sentence", "context"),
    [
        ("Facilities", None),  # Python, at once
        ("visited on", None),  # Python, later
        ("Choose an answer for “{label}”.", None),  # inside format_lazy
        ("Skip to the main part", None),  # {% translate %}
        ("An appeal is possible until %(day)s.", None),  # {% blocktranslate trimmed %}
        ("Name", None),  # a default in a template's variable
        ("March", "alt. month"),  # a library
        ("This field is required.", None),
    ],
)
def test_sentences_are_gathered_wherever_they_are_written(khmer, sentence, context):
    assert khmer.get(sentence, context)


def test_plurals_are_gathered_with_both_forms(khmer):
    assert khmer.get("%(shown)s entry").id == ("%(shown)s entry", "%(shown)s entries")


@pytest.mark.parametrize(
    ("sentence", "khmer", "fault"),
    [
        ("Save", "", "is not translated"),
        ("Until %(day)s", "រហូតដល់", "has other placeholders"),
        ("Until %(day)s", "រហូតដល់ %(date)s", "has other placeholders"),
        ("Tick “{label}”.", "គូស", "has other placeholders"),
        ("Add %s", "បន្ថែម %d", "has other placeholders"),
        ("<b>Save</b> it", "<b>រក្សាទុក", "has other markup"),
        ("Save", "រក្សាទុក ", "has spaces around it"),
        (("One bed", "%(n)s beds"), ("%(n)s គ្រែ",), "has other placeholders for one than for many"),
        (("%(n)s bed", "%(n)s beds"), ("គ្រែ",), "has other placeholders"),
    ],
)
def test_a_fault_in_a_translation_is_named(sentence, khmer, fault):
    assert [found[: len(fault)] for found in messages.faults(Message(sentence, khmer))] == [fault]


def test_a_fuzzy_translation_is_a_fault():
    assert list(messages.faults(Message("Save", "រក្សាទុក", flags=["fuzzy"]))) == ["is fuzzy"]


@pytest.mark.parametrize(
    ("sentence", "khmer"),
    [
        ("Until %(day)s", "រហូតដល់ %(day)s"),
        ("100 %% of <a href='/'>%(count)d</a>", "%(count)d <a href='/'>100 %%</a>"),
        (("%(n)s bed", "%(n)s beds"), ("%(n)s គ្រែ",)),
    ],
)
def test_a_faultless_translation_may_put_things_in_another_order(sentence, khmer):
    assert list(messages.faults(Message(sentence, khmer))) == []


def test_the_check_names_what_is_missing_and_what_is_left_over_and_writes_nothing(tmp_path, monkeypatch):
    file = tmp_path / "django.po"
    file.write_text('msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\nmsgid "Gone"\nmsgstr "អស់"\n')
    before = file.read_bytes()
    monkeypatch.setattr(messages, "path_of", lambda language: file)
    said = StringIO()
    with pytest.raises(CommandError):
        call_command("update_translations", check=True, stderr=said)
    assert "km: “Facilities” is missing" in said.getvalue()
    assert "km: “March” (alt. month) is missing" in said.getvalue()
    assert "km: “Gone” is not in use any more" in said.getvalue()
    assert file.read_bytes() == before


def test_an_update_keeps_translations_adds_what_is_new_empty_and_drops_the_rest(tmp_path, monkeypatch):
    file = tmp_path / "django.po"
    file.write_text('msgid "Save"\nmsgstr "រក្សាទុក"\n\nmsgid "Gone"\nmsgstr "អស់"\n')
    monkeypatch.setattr(messages, "path_of", lambda language: file)
    call_command("update_translations", stderr=StringIO())
    catalog = messages.stored("km")
    assert catalog.get("Save").string == "រក្សាទុក"
    assert catalog.get("Facilities").string == ""
    assert not catalog.get("Facilities").fuzzy
    assert "Gone" not in catalog
    assert "Gone" not in file.read_text()


class Question(forms.Form):
    name = forms.CharField(max_length=3)
    day = forms.DateField()
    kind = forms.ChoiceField(choices=[("a", "A")])


def test_the_libraries_speak_the_khmer_of_this_register():
    with translation.override("km"):
        assert date_format(date(2023, 3, 8), "j F Y").split()[1] == "មីនា"
        assert date_format(date(2023, 3, 8), "l") == "ពុធ"
        assert Template("{{ yes|yesno }} {{ no|yesno }}").render(Context({"yes": True, "no": False})) == "បាទ/ចាស ទេ"
        errors = Question({"name": "four", "day": "soon", "kind": "B"}).errors
        said = "".join(sentence for sentences in errors.values() for sentence in sentences)
    assert "4" in said
    assert not any("a" <= letter <= "z" for letter in said)
