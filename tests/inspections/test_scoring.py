from datetime import date
from decimal import Decimal
from fractions import Fraction
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspections import rules
from inspections.models import Band, ChecklistItem, ChecklistSection, Visit
from inspections.states import Answer, AnswerKind, BandCode, Grace, LicenceSeen
from tests.factories import BANDS

ANSWERS = [answer.value for answer in Answer]
SURGERY = "surgery"


def a_ruleset(bands=BANDS, **fields):
    defaults = {
        "decimal_places": 2,
        "hard_maximum_months": 24,
        "critical_cap": BandCode.MINIMALLY_COMPLIANT,
        "unlicensed_band": BandCode.NON_COMPLIANT,
        "grace_months": 3,
        "longest_by_type": {"pharmacy": 12},
    }
    rows = [
        Band(
            code=code,
            from_percent=Decimal(start),
            below_percent=end and Decimal(end),
            months_to_next_visit=months,
            closure_at_visit=closure,
        )
        for code, start, end, months, closure in bands
    ]
    return SimpleNamespace(**defaults | fields, bands=SimpleNamespace(all=lambda: rows))


def a_structure(*sections):
    return [
        (
            ChecklistSection(code=f"S{place}", applies_when={"services": [service]} if service else {}, scored=scored),
            [
                ChecklistItem(code=str(number), weight=Decimal(str(weight)), critical=critical, kind=kind)
                for number, (weight, critical, kind) in enumerate(items)
            ],
        )
        for place, (service, scored, items) in enumerate(sections)
    ]


YES_NO = AnswerKind.COMPLIANCE
NOWHERE = rules.Setting()
A_THEATRE = rules.Setting(services=frozenset({"surgery"}))


def test_partly_is_half_and_not_applicable_is_out_of_the_maximum():
    structure = a_structure((None, True, [(1, False, YES_NO)] * 4))
    answers = {
        "S0.0": {"answer": "yes"},
        "S0.1": {"answer": "partial"},
        "S0.2": {"answer": "no"},
        "S0.3": {"answer": "na"},
    }
    found = rules.score(structure, answers, NOWHERE)
    assert found.percent == 50
    assert (found.sections[0].observed, found.sections[0].maximum) == (Fraction(3, 2), 3)
    assert (found.sections[0].answered, found.sections[0].asked) == (4, 4)


def test_a_section_counts_only_where_its_service_is_offered():
    structure = a_structure((None, True, [(1, False, YES_NO)]), (SURGERY, True, [(3, True, YES_NO)]))
    answers = {"S0.0": {"answer": "yes"}, "S1.0": {"answer": "no"}}
    assert rules.score(structure, answers, NOWHERE).percent == 100
    assert rules.score(structure, answers, NOWHERE).failed_critical == ()
    assert rules.score(structure, answers, A_THEATRE).percent == 25
    assert rules.score(structure, answers, A_THEATRE).failed_critical == ("S1.0",)


def test_counts_texts_and_sections_that_are_not_scored_never_count():
    structure = a_structure(
        (None, False, [(5, False, YES_NO)]),
        (None, True, [(1, False, AnswerKind.COUNT), (1, False, AnswerKind.TEXT), (1, False, YES_NO)]),
    )
    answers = {"S0.0": {"answer": "no"}, "S1.0": {"value": "3"}, "S1.1": {"value": "x"}, "S1.2": {"answer": "yes"}}
    assert rules.score(structure, answers, NOWHERE).percent == 100


def test_a_draft_is_scored_on_what_is_answered():
    structure = a_structure((None, True, [(1, False, YES_NO)] * 2))
    assert rules.score(structure, {"S0.0": {"answer": "yes"}}, NOWHERE).percent == 100


@pytest.mark.parametrize("weight_and_answer", [(0, "yes"), (0, "no"), (3, "na"), (3, None)])
def test_where_nothing_counts_there_is_no_score_and_no_band(weight_and_answer):
    weight, answer = weight_and_answer
    structure = a_structure((None, True, [(weight, False, YES_NO)] * 2))
    answers = {f"S0.{number}": {"answer": answer} for number in range(2)} if answer else {}
    found = rules.score(structure, answers, NOWHERE)
    assert found.percent is None
    assert found.sections[0].percent is None
    assert rules.band_for(found.percent, a_ruleset()) is None
    assert rules.next_due(date(2026, 1, 31), None, a_ruleset()) == date(2028, 1, 31)


def test_a_word_that_is_no_answer_is_an_error_and_not_a_zero():
    with pytest.raises(ValueError, match="maybe"):
        rules.score(a_structure((None, True, [(1, False, YES_NO)])), {"S0.0": {"answer": "maybe"}}, NOWHERE)


@pytest.mark.parametrize(
    ("percent", "band"),
    [
        ("0", BandCode.NON_COMPLIANT),
        ("9.99", BandCode.NON_COMPLIANT),
        ("9.994", BandCode.NON_COMPLIANT),
        ("9.995", BandCode.MINIMALLY_COMPLIANT),
        ("10", BandCode.MINIMALLY_COMPLIANT),
        ("39.99", BandCode.MINIMALLY_COMPLIANT),
        ("39.995", BandCode.PARTIALLY_COMPLIANT),
        ("40", BandCode.PARTIALLY_COMPLIANT),
        ("59.994999", BandCode.PARTIALLY_COMPLIANT),
        ("60", BandCode.SUBSTANTIALLY_COMPLIANT),
        ("74.99", BandCode.SUBSTANTIALLY_COMPLIANT),
        ("75", BandCode.FULLY_COMPLIANT),
        ("100", BandCode.FULLY_COMPLIANT),
    ],
)
def test_bands_are_half_open_over_the_rounded_percentage(percent, band):
    assert rules.band_for(Decimal(percent), a_ruleset()).code == band


@pytest.mark.parametrize(("places", "expected"), [(0, "40"), (1, "39.5"), (2, "39.50")])
def test_halves_are_rounded_up_to_the_places_of_the_ruleset(places, expected):
    assert str(rules.rounded(Fraction(79, 2), a_ruleset(decimal_places=places))) == expected
    assert rules.rounded(Fraction(1, 3), a_ruleset()) == Decimal("0.33")
    assert rules.rounded(Fraction(1, 200), a_ruleset()) == Decimal("0.01")


def test_a_failed_critical_item_caps_the_band_and_never_lifts_it():
    assert rules.band_for(90, a_ruleset(), failed_critical=True).code == BandCode.MINIMALLY_COMPLIANT
    assert rules.band_for(5, a_ruleset(), failed_critical=True).code == BandCode.NON_COMPLIANT


@pytest.mark.parametrize("percent", [None, 5, 90])
def test_without_any_licence_the_rulesets_own_band_stands(percent):
    band = rules.band_for(percent, a_ruleset(), licence_seen=LicenceSeen.NONE)
    assert band.code == BandCode.NON_COMPLIANT
    other = rules.band_for(90, a_ruleset(unlicensed_band=""), licence_seen=LicenceSeen.NONE)
    assert other.code == BandCode.FULLY_COMPLIANT
    assert rules.band_for(90, a_ruleset(), licence_seen=LicenceSeen.EXPIRED).code == BandCode.FULLY_COMPLIANT


def test_a_gap_between_bands_is_an_error():
    with pytest.raises(LookupError):
        rules.band_for(50, a_ruleset(BANDS[:2]))


@pytest.mark.parametrize(
    ("visited_on", "months", "longest", "due"),
    [
        (date(2026, 1, 31), 3, 24, date(2026, 4, 30)),
        (date(2026, 1, 31), 24, 15, date(2027, 4, 30)),
        (date(2024, 2, 29), 12, 24, date(2025, 2, 28)),
        (date(2026, 5, 1), None, 15, date(2027, 8, 1)),
    ],
)
def test_the_next_visit_is_due_after_the_months_of_the_band_and_never_after_the_longest_interval(
    visited_on, months, longest, due
):
    band = Band(code=BandCode.FULLY_COMPLIANT, months_to_next_visit=months)
    assert rules.next_due(visited_on, band, a_ruleset(hard_maximum_months=longest)) == due


def test_what_no_licence_or_a_spent_grace_means_is_the_same():
    assert rules.band_for(90, a_ruleset(), grace=Grace.SPENT).code == BandCode.NON_COMPLIANT
    assert rules.band_for(90, a_ruleset(), grace=Grace.GIVEN).code == BandCode.FULLY_COMPLIANT
    assert rules.band_for(90, a_ruleset(unlicensed_band=""), grace=Grace.SPENT).code == BandCode.FULLY_COMPLIANT


@pytest.mark.parametrize(
    ("seen", "given_on", "months", "expected"),
    [
        (LicenceSeen.VALID, None, 3, ""),
        (LicenceSeen.NOT_NEEDED, date(2025, 1, 1), 3, ""),
        (LicenceSeen.EXPIRED, None, 3, Grace.GIVEN),
        (LicenceSeen.EXPIRED, None, 0, ""),
        (LicenceSeen.EXPIRED, date(2025, 10, 31), 3, Grace.GIVEN),
        (LicenceSeen.EXPIRED, date(2025, 10, 30), 3, Grace.SPENT),
        (LicenceSeen.NONE, None, 3, ""),
        (LicenceSeen.NONE, date(2025, 12, 1), 3, ""),
        (LicenceSeen.NONE, date(2025, 1, 1), 3, Grace.SPENT),
    ],
)
def test_time_to_renew_a_licence_is_given_once_and_its_last_day_still_counts(seen, given_on, months, expected):
    ruleset = a_ruleset(grace_months=months)
    assert rules.grace(seen, ruleset, visited_on=date(2026, 1, 31), given_on=given_on) == expected


@pytest.mark.parametrize(
    ("facility_type", "grace", "due"),
    [
        ("clinic", "", date(2028, 1, 31)),
        ("pharmacy", "", date(2027, 1, 31)),
        ("pharmacy", Grace.GIVEN, date(2026, 4, 30)),
        ("clinic", Grace.SPENT, date(2028, 1, 31)),
    ],
)
def test_the_shortest_of_all_intervals_decides(facility_type, grace, due):
    band = Band(code=BandCode.FULLY_COMPLIANT, months_to_next_visit=24)
    assert rules.next_due(date(2026, 1, 31), band, a_ruleset(), facility_type=facility_type, grace=grace) == due


NON, MINIMAL, PARTLY, SUBSTANTIAL = list(BandCode)[:4]


@pytest.mark.parametrize(
    ("bands", "proposed"),
    [
        ([], False),
        ([NON, SUBSTANTIAL], True),
        ([MINIMAL, MINIMAL], False),
        ([MINIMAL, MINIMAL, MINIMAL, SUBSTANTIAL], True),
        ([MINIMAL, NON, MINIMAL], True),
        ([MINIMAL, PARTLY, MINIMAL], True),
        ([PARTLY, PARTLY, SUBSTANTIAL, PARTLY], False),
        ([PARTLY, "", PARTLY, PARTLY], False),
        ([SUBSTANTIAL, MINIMAL, MINIMAL, MINIMAL], False),
        (["", NON], False),
    ],
)
def test_closure_is_proposed_after_so_many_visits_in_a_row_in_a_band_or_a_lower_one(bands, proposed):
    assert rules.closure_proposed(bands, a_ruleset()) is proposed
    assert rules.closure_proposed(["bands of another ruleset", *bands], a_ruleset()) is False


WEIGHTS = st.decimals(min_value=0, max_value=9, places=3)
ITEMS = st.lists(st.tuples(WEIGHTS, st.booleans(), st.sampled_from([YES_NO, YES_NO, AnswerKind.TEXT])), max_size=8)
SECTIONS = st.lists(st.tuples(st.sampled_from([None, SURGERY]), st.booleans(), ITEMS), max_size=4)
GIVEN = st.lists(st.sampled_from([*ANSWERS, None]), min_size=32, max_size=32)


def reference(structure, answers, services):
    """The score again, by plain sums over floats."""
    observed = maximum = 0.0
    for section, items in structure:
        if section.scored and (not section.applies_when or "surgery" in services):
            for item in items:
                answer = answers.get(f"{section.code}.{item.code}", {}).get("answer")
                if item.kind == YES_NO and answer in ("yes", "partial", "no"):
                    maximum += float(item.weight)
                    observed += float(item.weight) * {"yes": 1, "partial": 0.5, "no": 0}[answer]
    return 100 * observed / maximum if maximum else None


@given(sections=SECTIONS, given_answers=GIVEN, services=st.sampled_from([[], ["surgery"]]))
def test_the_score_is_the_plain_sum_over_what_applies_and_always_the_same(sections, given_answers, services):
    structure = a_structure(*sections)
    keys = [rules.key(section, item) for section, items in structure for item in items if item.kind == YES_NO]
    answers = {key: {"answer": answer} for key, answer in zip(keys, given_answers, strict=False) if answer}
    found = rules.score(structure, answers, rules.Setting(services=frozenset(services)))
    expected = reference(structure, answers, services)
    if expected is None:
        assert found.percent is None
    else:
        assert abs(float(found.percent) - expected) < 1e-9
        assert 0 <= found.percent <= 100
        assert rules.band_for(found.percent, a_ruleset()) is not None
    visit = Visit(answers=answers, services=services, licence_seen="", visited_on=date(2026, 1, 1))
    visit._state.fields_cache["ruleset"] = a_ruleset()
    first, again = (rules.result(visit, structure, visited_on=date(2026, 1, 1)) for _time in range(2))
    assert (first.percent, first.band_code, first.next_due_on, first.section_scores) == (
        again.percent,
        again.band_code,
        again.next_due_on,
        again.section_scores,
    )


ONE = st.sampled_from([{}, {"answer": "yes"}, {"answer": "no"}, {"answer": "yes", "note": "ok"}])
FORMS = st.fixed_dictionaries(dict.fromkeys("abc", ONE))


@given(base=FORMS, mine=FORMS, theirs=FORMS)
def test_merging_loses_nothing_that_only_one_of_two_wrote(base, mine, theirs):
    stored = {key: answer for key, answer in theirs.items() if answer}
    merged = rules.merge(base=base, stored=stored, typed=mine)
    for key in "abc":
        result = merged.answers.get(key, {})
        if mine[key] == base[key]:
            assert result == theirs[key]
        elif theirs[key] == base[key]:
            assert result == mine[key]
        else:
            assert (key in merged.conflicts) == (mine[key] != theirs[key])
            assert result == theirs[key]
