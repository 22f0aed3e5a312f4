"""What was stored at approval follows, for ever, from the visit's own answers, checklist version and ruleset."""

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given, settings
from hypothesis import strategies as st

from inspections import rules
from inspections.actions import rulebook, rulesets, visits
from inspections.models import Standing, Visit
from inspections.states import Answer, AnswerKind, LicenceSeen, VisitState
from registry.accounts.states import Role
from tests.factories import NOW, a_facility, a_facility_type, a_service, a_user, a_visit, counter

pytestmark = pytest.mark.django_db

APPLIES = st.fixed_dictionaries(
    {},
    optional={
        "types": st.sampled_from([[], ["clinic"], ["pharmacy", "clinic"]]),
        "levels": st.sampled_from([[], ["cpa1"], ["cpa1", "cpa2"]]),
        "services": st.sampled_from([[], ["surgery"], ["surgery", "delivery"]]),
    },
)
ASKED = st.tuples(st.integers(0, 14), st.sets(st.sampled_from(Answer.values), min_size=1))
KIND = st.sampled_from([AnswerKind.COMPLIANCE] * 4 + list(AnswerKind))
ITEM = st.fixed_dictionaries(
    {
        "weight": st.sampled_from(["0", "0", "0.001", "0.5", "1", "3", "1234.567"]),
        "critical": st.booleans(),
        "kind": KIND,
        "applies_when": APPLIES,
        "asks": st.lists(ASKED, max_size=2),
    }
)
SECTION = st.fixed_dictionaries(
    {"scored": st.booleans(), "applies_when": APPLIES, "item": st.lists(ITEM, min_size=1, max_size=5)}
)
GIVEN = st.lists(st.sampled_from([*Answer.values, None]), min_size=15, max_size=15)
VISIT = st.fixed_dictionaries(
    {
        "answers": st.one_of(GIVEN, st.just(["na"] * 15)),
        "services": st.sampled_from([[], ["surgery"], ["delivery", "surgery"]]),
        "type": st.sampled_from(["clinic", "pharmacy"]),
        "level": st.sampled_from(["", "cpa1"]),
        "licence": st.sampled_from([LicenceSeen.EXPIRED, *LicenceSeen]),
        "days": st.integers(0, 120),
    }
)
RULESET = st.fixed_dictionaries(
    {
        "decimal_places": st.sampled_from([0, 1, 2]),
        "hard_maximum_months": st.integers(1, 30),
        "unlicensed_band": st.sampled_from(["", "non_compliant"]),
        "grace_months": st.sampled_from([0, 1, 3]),
        "longest_by_type": st.sampled_from([{}, {"pharmacy": 5}]),
    }
)
BANDS = [
    ("non_compliant", 0, None, 1),
    ("minimally_compliant", 10, 3, 3),
    ("partially_compliant", 40, 6, 3),
    ("substantially_compliant", 60, 12, None),
    ("fully_compliant", 75, 24, None),
]


CHOICES = [{"code": code, "label_en": code, "label_km": "ក"} for code in ("yes", "no")]
MORE = {AnswerKind.MEASURE: {"unit": "°C"}, AnswerKind.CHOICE: {"choices": CHOICES}}


def complete(sections):
    """Codes, names and conditions: an item asks only for items before it."""
    earlier = []
    for place, section in enumerate(sections):
        section.update(code=f"S{place}", name_en="Section", name_km="ផ្នែក")
        for number, item in enumerate(section["item"]):
            asks = [(earlier[of % len(earlier)], words) for of, words in item.pop("asks") if earlier]
            asked_if = [{"item": key, "is": sorted(words)} for key, words in asks]
            item.update(code=str(number), label_en="Item", label_km="សំណួរ", asked_if=asked_if)
            item.update(MORE.get(item["kind"], {}))
            if item["kind"] == AnswerKind.COMPLIANCE:
                earlier.append(f"S{place}.{number}")


def published(sections, facts):
    """The generated checklist and ruleset, as the actions publish them."""
    code = f"generated-{next(counter)}"
    ends = [start for _code, start, _months, _closure in BANDS[1:]] + [None]
    bands = [
        {
            "code": band,
            "from_percent": start,
            "below_percent": end,
            "months_to_next_visit": months,
            "closure_at_visit": closure,
        }
        for (band, start, months, closure), end in zip(BANDS, ends, strict=True)
    ]
    head = {"code": code, "number": 1, "name": code, "valid_from": date(2000, 1, 1)}
    head |= {"critical_cap": "minimally_compliant", "band": bands}
    ruleset, _new = rulesets.add(definition=head | facts, by=None, at=NOW)
    names = {"code": code, "name_km": code, "name_en": code, "ruleset_code": code, "facility_types": []}
    version, _new = rulebook.add_version(definition=names | {"section": sections}, publish_it=True, by=None, at=NOW)
    return version, ruleset


def asked_items(sections, said, answers):
    """Each item that is asked there, with whether its section is scored and what was answered."""

    def fits(condition):
        types, levels, services = (condition.get(name) for name in ("types", "levels", "services"))
        return (
            (not types or said["type"] in types)
            and (not levels or said["level"] in levels)
            and (not services or set(services) & set(said["services"]))
        )

    words = {}
    for section in sections:
        for item in section["item"]:
            key = f"{section['code']}.{item['code']}"
            asked = all(words.get(condition["item"]) in condition["is"] for condition in item["asked_if"])
            if asked and fits(section["applies_when"]) and fits(item["applies_when"]):
                words[key] = answers.get(key, {}).get("answer", "")
                yield item, section["scored"], words[key]


def plainly(sections, said, answers, facts, first_expired):
    """Score, band, next due day, grace and failure once more, by the words of the rules and nothing of the code."""
    got = of = Fraction(0)
    failed = False
    for item, scored, answer in asked_items(sections, said, answers):
        if item["kind"] == AnswerKind.COMPLIANCE and answer in ("yes", "partial", "no"):
            failed |= item["critical"] and answer == "no"
            of += scored * Fraction(item["weight"])
            got += scored * Fraction(item["weight"]) * {"yes": 2, "partial": 1, "no": 0}[answer] / 2
    score = half_up(100 * got / of, facts["decimal_places"]) if of else None
    grace = meaning_of_expired(said, facts["grace_months"], first_expired)
    band = ""
    if facts["unlicensed_band"] and (said["licence"] == "none" or grace == "spent"):
        band = facts["unlicensed_band"]
    elif score is not None:
        place = max(place for place, (_code, start, _months, _closure) in enumerate(BANDS) if score >= start)
        band = BANDS[min(place, 1) if failed else place][0]
    months = [facts["hard_maximum_months"], {code: of_band for code, _start, of_band, _closure in BANDS}.get(band)]
    months += [facts["longest_by_type"].get(said["type"]), facts["grace_months"] if grace == "given" else None]
    return score, band, said["day"] + relativedelta(months=min(filter(None, months))), grace, failed


def half_up(exact, places):
    return (Decimal(exact.numerator) / exact.denominator).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def meaning_of_expired(said, months, first_expired):
    if not months or said["licence"] not in ("expired", "none"):
        return ""
    if first_expired and said["day"] > first_expired + relativedelta(months=months):
        return "spent"
    return "given" if said["licence"] == "expired" else ""


@settings(max_examples=40, deadline=None)
@given(sections=st.lists(SECTION, min_size=1, max_size=3), said=st.lists(VISIT, min_size=1, max_size=3), facts=RULESET)
def test_scoring_again_gives_the_stored_number(sections, said, facts):
    for code in ("surgery", "delivery"):
        a_service(code)
    for code, level in (("clinic", ""), ("pharmacy", ""), ("hospital_1", "cpa1"), ("hospital_2", "cpa2")):
        a_facility_type(code, level=level)
    complete(sections)
    version, ruleset = published(sections, facts)
    facility, approver, inspector = a_facility(), a_user(Role.APPROVER), a_user(Role.INSPECTOR)
    keys = [(f"{s['code']}.{i['code']}", i["kind"]) for s in sections for i in s["item"]]
    day, first_expired, bands = date(2026, 1, 31), None, []
    for visit_said in said:
        day += timedelta(days=visit_said["days"])
        visit_said["day"] = day
        answers = {
            key: {"answer" if kind == AnswerKind.COMPLIANCE else "value": answer}
            for (key, kind), answer in zip(keys, visit_said["answers"], strict=False)
            if answer
        }
        visit = a_visit(
            facility,
            state=VisitState.SUBMITTED,
            inspector=inspector,
            checklist_version=version,
            ruleset=ruleset,
            answers=answers,
            services=visit_said["services"],
            facility_type=visit_said["type"],
            facility_level=visit_said["level"],
            licence_seen=visit_said["licence"],
            visited_on=day,
        )
        visits.approve(visit=visit, by=approver, at=NOW)
        stored = Visit.objects.select_related("ruleset", "checklist_version").get(pk=visit.pk)
        found = (stored.score, stored.band, stored.next_due_on, stored.grace, stored.failed_critical)
        assert found == plainly(sections, visit_said, answers, facts, first_expired)
        again = rules.result(stored, rules.structure(stored.checklist_version), visited_on=stored.visited_on)
        assert found == (again.percent, again.band_code, again.next_due_on, again.grace, again.failed_critical)
        assert again.section_scores == stored.section_scores
        if visit_said["licence"] == LicenceSeen.EXPIRED and facts["grace_months"]:
            first_expired = first_expired or day
        bands.insert(0, stored.band)
    standing = Standing.objects.get(facility=facility)
    assert (standing.score, standing.band, standing.next_due_on) == (stored.score, stored.band, stored.next_due_on)
    assert standing.closure_proposed is rules.closure_proposed(bands, ruleset)
