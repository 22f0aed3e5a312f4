"""Khmer text: what search takes for the same, what lists sort by, and what is not Khmer at all."""

import csv
import json
import random
import shutil
import subprocess
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.core.khmer import ascii_digits, has_khmer, khmer_digits, looks_like_limon, search_key, sort_key

DATA = Path(__file__).parents[3] / "shared" / "data"
ZWSP, ZWNJ, ZWJ, NBSP = "\u200b", "\u200c", "\u200d", "\u00a0"

khmer_characters = st.characters(min_codepoint=0x1780, max_codepoint=0x17F9) | st.sampled_from("្ាេី៉ុំ aA1" + ZWSP)
any_text = st.text(st.characters(exclude_categories=())) | st.text(khmer_characters)


# --- digits ----------------------------------------------------------------------------------


def test_digits_go_both_ways():
    assert ascii_digits("លេខ ០១២៣៤ ៥៦៧៨៩") == "លេខ 01234 56789"
    assert khmer_digits("01234 56789 m²") == "០១២៣៤ ៥៦៧៨៩ m²"


def test_khmer_is_letters_and_not_digits_or_punctuation():
    assert has_khmer("Clinic ក")
    assert not has_khmer("១២ ។ ៛")
    assert not has_khmer("")


# --- search ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("កណ្តាល", "កណ្ដាល"),
        ("ឲ្យ", "ឱ្យ"),
        (f"កំពង់{ZWSP}ចាម", "កំពង់ចាម"),
        (f"ម៉{ZWNJ}ែ", "ម៉ែ"),
        (f"ក្{ZWJ}ម", "ក្ម"),
        (f"ច្បារអំពៅទី{NBSP}១", "ច្បារអំពៅទី 1"),
        ("ពៅ្នលិច", "ព្នៅលិច"),
        ("ត្រពាំងអញា្ចញ", "ត្រពាំងអញ្ចាញ"),
        ("ស្រ្តី", "ស្ត្រី"),
        ("បាំ", "បំា"),
        ("ើ", "េី"),
        ("កោ", "កេា"),
        ("ស៊ី", "សុី"),
        ("ញ៉ាំ", "ញុាំ"),
        ("ថ្នល់", "ថ្នល់់"),
        ("ផ្សេង ៗ", "ផ្សេងៗ"),
        ("Kratié", "KRATIE"),
        ("Bântéay Néang", "banteay neang"),
        ("O’Russey", "orussey"),
        ("Preah-Sihanouk (I)", "preah sihanouk i"),
        ("Ｃａｌｍｅｔｔｅ", "calmette"),
    ],
)
def test_spellings_of_one_name_have_one_search_key(one, other):
    assert search_key(one) == search_key(other)


@pytest.mark.parametrize(
    ("one", "other"), [("តា", "ដា"), ("ស្រា", "ស៊្រី"), ("ប៉ុន", "បុន"), ("ពោធិ៍", "ពោធិ"), ("កំពត", "កំពតា"), ("12", "1 2")]
)
def test_names_that_are_read_differently_keep_their_own_keys(one, other):
    assert search_key(one) != search_key(other)


def test_a_mark_out_of_order_never_wanders_into_the_next_syllable():
    assert search_key("ពៅ្នលិច") == "ព្នៅលិច"


def test_a_search_key_is_lower_case_words_one_space_apart():
    assert search_key("  មន្ទីរពេទ្យ«កាល់ម៉ែត»,\tN°៣ / Phnom-Penh ") == "មន្ទីរពេទ្យ កាល់ម៉ែត n 3 phnom penh"
    assert search_key("") == search_key("។ ៕ -") == ""


@given(any_text)
def test_a_search_key_folds_to_itself(text):
    assert search_key(search_key(text)) == search_key(text)


@given(any_text)
def test_keys_of_any_text_can_be_stored(text):
    for key in (search_key(text), sort_key(text)):
        assert "\0" not in key
        key.encode()


@given(st.text(st.characters(max_codepoint=0x7F)))
def test_the_short_way_for_plain_latin_gives_the_same_key(text):
    assert search_key(text) == search_key(text + ZWSP)


# --- sort ------------------------------------------------------------------------------------

IN_ORDER = [
    "",
    "១",
    "១០",
    "2",
    "ក",
    "កក",
    "កក្រ",
    "កា",
    "កាត់",
    "កាំ",
    "ក្រ",
    "ខ",
    "រ",
    "ឫ",
    "អ",
    "អិ",
    "ឥ",
    "ឱ",
    "a",
    "Á",
    "b",
]


def test_khmer_sorts_by_consonant_then_vowel_then_subscript():
    assert sorted(set(IN_ORDER), key=sort_key) == IN_ORDER


def test_signs_decide_only_between_words_of_the_same_letters():
    assert sort_key("កក") < sort_key("ក់ក") < sort_key("កខ")
    assert sort_key("ប៉ា") < sort_key("ប៊ា") < sort_key("បាក")


def test_bytes_and_code_points_give_the_same_order():
    assert sorted(IN_ORDER, key=sort_key) == sorted(IN_ORDER, key=lambda text: sort_key(text).encode())


def syllables(seed: int) -> list[str]:
    """Words from few syllables, so that many differ in one letter or one sign only."""
    chance = random.Random(seed)
    consonants, independent, vowels = (
        [chr(code) for code in codes] for codes in (range(0x1780, 0x17A3), range(0x17A3, 0x17B4), range(0x17B6, 0x17C8))
    )

    def syllable() -> str:
        text = chance.choice(consonants) if chance.random() < 0.9 else chance.choice(independent)
        text += "៌" if chance.random() < 0.1 else ""
        text += "".join("្" + chance.choice(consonants) for _ in range(chance.choice([0, 0, 0, 1, 1, 2])))
        text += chance.choice("៉៊") if chance.random() < 0.15 else ""
        text += chance.choice(vowels) if chance.random() < 0.6 else ""
        text += chance.choice("ំះ") if chance.random() < 0.15 else ""
        return text + (chance.choice("់៍៎៏័៑ៈ") if chance.random() < 0.15 else "")

    pieces = [syllable() for _ in range(60)] + [*"aeéèABz 12១២-()'.។", ZWSP]
    return ["".join(chance.choices(pieces, k=chance.randint(1, 5))).strip() for _ in range(3000)]


def gazetteer(file: str) -> list[str]:
    path = DATA / "gazetteer" / file
    if not path.exists():
        pytest.skip(f"the gazetteer is not beside the project: {path}")
    with path.open(encoding="utf-8-sig", newline="") as rows:
        return [row[column] for row in csv.DictReader(rows) for column in ("name_km", "name_latin")]


def glossary() -> list[str]:
    path = DATA / "khmer" / "glossary_en_km.csv"
    if not path.exists():
        pytest.skip(f"the glossary is not beside the project: {path}")
    with path.open(encoding="utf-8-sig", newline="") as rows:
        return [row[column] for row in csv.DictReader(rows) for column in ("km", "en")]


COLLATE = """
const texts = JSON.parse(require('fs').readFileSync(0));
const order = new Intl.Collator('km', {sensitivity: 'accent'});
if (order.resolvedOptions().locale !== 'km') process.exit(3);
texts.sort(order.compare);
console.log(JSON.stringify(texts.map((text, i) => [text, i ? Math.sign(order.compare(texts[i - 1], text)) : 0])));
"""


@pytest.mark.parametrize(
    "texts",
    [
        pytest.param(lambda: gazetteer("ncdd_provinces.csv"), id="provinces"),
        pytest.param(lambda: gazetteer("ncdd_districts.csv"), id="districts"),
        pytest.param(lambda: gazetteer("ncdd_communes.csv"), id="communes"),
        pytest.param(lambda: gazetteer("ncdd_villages.csv"), id="villages"),
        pytest.param(glossary, id="glossary"),
        *[pytest.param(lambda seed=seed: syllables(seed), id=f"made-up words {seed}") for seed in range(4)],
    ],
)
def test_the_sort_key_agrees_with_the_unicode_locale_data(texts):
    node = shutil.which("node")
    if node is None:
        pytest.skip("needs Node, whose Intl.Collator has the Khmer order of the Unicode locale data")
    words = sorted({text.strip() for text in texts()})
    run = subprocess.run([node, "-e", COLLATE], input=json.dumps(words), capture_output=True, text=True, check=False)
    if run.returncode == 3:
        pytest.skip("this Node was built without the Khmer locale data")
    assert run.returncode == 0, run.stderr
    ranked = json.loads(run.stdout)
    keys = [sort_key(text) for text, _ in ranked]
    steps = [(before > after) - (before < after) for before, after in pairwise(keys)]
    differing = [(ranked[i][0], ranked[i + 1][0]) for i, step in enumerate(steps) if step != ranked[i + 1][1]]
    assert differing == []


# --- legacy fonts ----------------------------------------------------------------------------

IN_LIMON = (
    "PñMeBj  )at;dMbg  esomrab  kMBg;cam  kMBg;qñaMg  kMBg;s<W  kMBg;FM  kMBt  kNþal  ekaHkug  RkecH  mNÐlKirI  "
    "RBHsIhnu  éRBEvg  eBaFi×sat;  rtnKirI  sÞwgERtg  sVayerog  taEkv  ]tþrmanC½y  éb:lin  tbUgXµúM  bnÞaymanC½y  "
    "mNÐlsuxPaB  mnÞIreBTübEgák"
)

IN_LATIN = (
    "Calmette Hospital|Hôpital Calmette|Pur SenChey|NagaWorld Clinic|McDonald|PhD|MoH|CPA2|St. Mary's (annex)"
    "|Clinic [A]|Clinic A; Clinic B|siem reap|R.H. Kampot|Rd. 271|RBC|eye clinic|Bântéay Néang|Néang & Co.|N°5"
    "|Preah-Sihanouk|info@clinic.example|2023-03-08|០១២|Tel:012 345 678|"
)


@pytest.mark.parametrize("text", IN_LIMON.split())
def test_text_typed_in_a_limon_font_is_recognised(text):
    assert looks_like_limon(text)


@pytest.mark.parametrize("text", [*IN_LATIN.split("|"), "ភ្នំពេញ", "ភ្នំពេញ kMBg;cam"])
def test_plain_latin_and_khmer_are_not_taken_for_limon(text):
    assert not looks_like_limon(text)


def test_a_gazetteer_of_latin_names_is_not_taken_for_limon():
    latin = [name for name in gazetteer("ncdd_communes.csv") if not has_khmer(name)]
    assert len(latin) > 1600
    assert not [name for name in latin if looks_like_limon(name)]
